#include "tests/integration/api/tenant_api.h"

namespace libra::test::tenant_api {

// ---- 1.6.1 discovery

TEST_F(Api, TellsItsVersions) {
  const std::string version = R"("id":"v1.1","status":"CURRENT","updated":"2012-12-18T18:30:02.25Z",
    "links":[{"rel":"self","href":"http://wiki.openstack.org/Atlas-LB"}])";
  for (const char* method : {"GET", "POST", "PUT", "DELETE"})
    expectBody(world_.send(method, "/", "", ""), 200, R"({"versions":[{)" + version + "}]}");
  for (const char* path : {"/v1.1", "/v1.1/"})
    expectBody(world_.send("GET", path, "", ""), 200,
               R"({"version":{)" + version + R"(,"media-types":[{"base":"application/json"}]}})");
}

// ---- 1.6.2 - 1.6.4

TEST_F(Api, ListsAlgorithmsAndProtocols) {
  expectBody(world_.get("/v1.1/algorithms"), 200,
             R"({"algorithms":[{"name":"ROUND_ROBIN"},{"name":"LEAST_CONNECTIONS"}]})");
  expectBody(world_.get("/v1.1/protocols"), 200, R"({"protocols":[{"name":"HTTP","port":80},{"name":"TCP","port":443},
    {"name":"TCP","port":3306},{"name":"GALERA","port":3306}]})");
}

TEST_F(Api, ListsLimitsWithTheTenantsOwn) {
  const auto with = [](int most) {
    return R"({"limits":{"absolute":{"values":{"maxLoadBalancerNameLength":128,"maxVIPsPerLoadBalancer":1,
      "maxNodesPerLoadBalancer":50,"maxLoadBalancers":)" +
           std::to_string(most) + "}}}}";
  };
  expectBody(world_.get("/v1.1/limits"), 200, with(20));
  world_.store.edit([](MemoryRows& rows) { rows.tenant_limit["A"] = 3; });
  expectBody(world_.get("/v1.1/limits"), 200, with(3));
  expectBody(world_.send("GET", "/v1.1/limits", "", "token-b"), 200, with(20));
  EXPECT_EQ(world_.counted("api_limits_get"), 3);
}

// ---- 1.6.5 list

TEST_F(Api, ListsWhatIsNotDeleted) {
  const auto kept = world_.create();
  const auto gone = world_.create();
  ASSERT_EQ(world_.send("DELETE", lb(gone)).status, 202);
  for (const char* query : {"", "?status=ACTIVE", "?status=deleted", "?status="}) {
    const auto list = world_.get(kLbs + query).body["loadBalancers"];
    ASSERT_EQ(list.size(), 1u) << query;
    EXPECT_EQ(list[0]["id"].text(), kept);
    EXPECT_TRUE(list[0]["port"].isInteger());
    EXPECT_EQ(list[0]["nodeCount"].integer(), 2);
    EXPECT_EQ(json::dump(list[0]["options"]), R"({"timeout":30000,"retries":3})");
  }
  const auto deleted = world_.get(kLbs + "?status=DELETED").body["loadBalancers"];
  ASSERT_EQ(deleted.size(), 1u);
  EXPECT_EQ(deleted[0]["id"].text(), gone);
  EXPECT_EQ(deleted[0]["status"].text(), "DELETED");
  EXPECT_EQ(deleted[0]["nodeCount"].integer(), 0);
  EXPECT_EQ(world_.counted("api_loadbalancers_get"), 5);
}

}  // namespace libra::test::tenant_api
