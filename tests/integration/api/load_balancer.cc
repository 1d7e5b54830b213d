#include "tests/integration/api/tenant_api.h"

namespace libra::test::tenant_api {

// ---- 1.6.7 get

TEST_F(Api, ShowsOneInDetail) {
  const auto id = world_.create(R"({"name":"web","nodes":[{"address":"10.20.0.11","port":80,"weight":2}]})");
  const auto reply = world_.get(lb(id));
  const auto vip = reply.body["virtualIps"][0];
  EXPECT_TRUE(vip["id"].isInteger());
  expectBody(
      reply, 200,
      R"({"id":")" + id + R"(","name":"web","protocol":"HTTP","port":80,"algorithm":"ROUND_ROBIN",
    "status":"ACTIVE","created":")" +
          reply.body["created"].text() + R"(","updated":")" + reply.body["updated"].text() +
          R"(","nodeCount":1,"statusDescription":"","virtualIps":[{"id":)" + std::to_string(vip["id"].integer()) +
          R"(,"address":"10.77.9.1","type":"PUBLIC","ipVersion":"IPV4"}],"nodes":[{"id":")" + world_.nodesOf(id)[0] +
          R"(","address":"10.20.0.11","port":"80","condition":"ENABLED","status":"ONLINE","weight":2}],
    "options":{"timeout":30000,"retries":3}})");
}

TEST_F(Api, ADeletedOneIsNotFound) {
  const auto id = world_.create();
  expectNotFound(world_.get(lb("424242")), "Load Balancer ID not found");
  ASSERT_EQ(world_.send("DELETE", lb(id)).status, 202);
  expectNotFound(world_.get(lb(id)), "Load Balancer ID not found");
}

// ---- 1.6.8 change

TEST_F(Api, ChangesNameAlgorithmAndOptions) {
  const auto id = world_.create();
  expectEmpty(world_.send("PUT", lb(id), R"({"name":"new","algorithm":"LEAST_CONNECTIONS","options":{"retries":"9"},
    "port":99999,"protocol":"UDP","unknown":{}})"),
              202);
  auto shown = world_.get(lb(id)).body;
  EXPECT_EQ(shown["name"].text(), "new");
  EXPECT_EQ(shown["algorithm"].text(), "LEAST_CONNECTIONS");
  EXPECT_EQ(json::dump(shown["options"]), R"({"timeout":30000,"retries":9})");
  EXPECT_EQ(shown["port"].integer(), 80);
  EXPECT_EQ(shown["status"].text(), "ACTIVE");
  expectEmpty(world_.send("PUT", lb(id), R"({"options":{"timeout":5}})"), 202);
  EXPECT_EQ(json::dump(world_.get(lb(id)).body["options"]), R"({"timeout":5,"retries":9})");
  expectEmpty(world_.send("PUT", lb(id), "{}"), 202);
  EXPECT_EQ(world_.counted("api_loadbalancers_modify"), 3);
}

TEST_F(Api, AChangeIsPendingUntilTheDeviceHasIt) {
  const auto id = world_.create();
  world_.devicesHang();
  expectEmpty(world_.send("PUT", lb(id), "{}"), 202);
  EXPECT_EQ(world_.statusOf(id), "PENDING_UPDATE");
}

TEST_F(Api, RefusesAChangeThatBreaksARule) {
  const auto id = world_.create();
  expectRefused("PUT", lb(id),
                {{"", 400, "Request body must be a JSON object"},
                 {R"({"name":5})", 400, wrongType("name", "5", "unicode", "int")},
                 {R"({"name":")" + std::string(129, 'n') + "\"}", 400, "Length of Load Balancer name too long"},
                 {R"({"options":{"timeout":-1}})", 400, "timeout must be between 0 and 1000000 ms"},
                 {R"({"options":{"retries":257}})", 400, "retries must be between 0 and 256"}});
  expectRefused("PUT", lb("424242"), {{R"({"options":{"timeout":-1}})", 404, "Load Balancer ID is not valid"}});
  for (const auto status : kImmutable) {
    world_.set(id, status);
    expectRefused("PUT", lb(id), {{R"({"options":{"timeout":-1}})", 422, nonActive("modify", status)}});
  }
  world_.set(id, LbStatus::Degraded);
  EXPECT_EQ(world_.send("PUT", lb(id), "{}").status, 202);
}

// ---- 1.6.9 delete

TEST_F(Api, DeletesInMutableStatesAndInError) {
  for (const auto status : {LbStatus::Active, LbStatus::Degraded, LbStatus::Error}) {
    const auto id = world_.create();
    world_.set(id, status);
    expectEmpty(world_.send("DELETE", lb(id)), 202);
    expectNotFound(world_.send("DELETE", lb(id)), "Load Balancer ID is not valid");
  }
  EXPECT_EQ(world_.counted("api_loadbalancers_delete"), 3);
}

TEST_F(Api, RefusesToDeleteWhatIsUnderWay) {
  const auto id = world_.create();
  for (const auto status : {LbStatus::PendingUpdate, LbStatus::PendingDelete, LbStatus::Build, LbStatus::Rebuilding}) {
    world_.set(id, status);
    expectRefused("DELETE", lb(id), {{"", 422, nonActive("delete", status)}});
  }
  expectRefused("DELETE", lb("424242"), {{"", 404, "Load Balancer ID is not valid"}});
}

}  // namespace libra::test::tenant_api
