#include "tests/integration/admin/admin_api.h"

namespace libra::test::admin_api {

// ---- 3.4 load balancers

TEST_F(AdminApi, ListsEveryTenantsLoadBalancers) {
  const auto a = world_.create();
  const auto b = world_.create(ApiWorld::kWeb, "token-b");
  const auto all = world_.ask("GET", "/v2.0/loadbalancers").body["loadBalancers"];
  ASSERT_EQ(all.size(), 2u);
  const auto vip = world_.get("/v1.1/loadbalancers/" + a).body["virtualIps"][0]["id"].integer();
  const auto want = json::parse(R"({"id": )" + a + R"(, "name": "web", "status": "ACTIVE", "tenantid": "A",
      "tenant": "A", "ip": "10.77.2.1", "protocol": "HTTP", "algorithm": "ROUND_ROBIN", "port": 80,
      "created": "2026-11-18T11:06:40", "updated": "2026-11-18T11:06:40",
      "vip": [{"id": )" + number(vip) +
                                R"(, "address": "10.77.9.1"}]})");
  EXPECT_TRUE(json_equal(all[0].raw(), want->raw())) << json::dump(all[0]);
  EXPECT_EQ(all[1]["tenant"].text(), "B");
}

TEST_F(AdminApi, FiltersLoadBalancers) {
  const auto a = std::stoll(world_.create()), b = std::stoll(world_.create(ApiWorld::kWeb, "token-b"));
  world_.set(number(b), LbStatus::Degraded);
  const struct {
    const char* query;
    Ids want;
  } rows[] = {{"status=ACTIVE", {a}},       {"status=DEGRADED", {b}}, {"status=BUILD", {}},
              {"status=ERROR", {}},         {"tenant=B", {b}},        {"tenant=b", {}},
              {"name=web", {a, b}},         {"name=we", {}},          {"ip=10.77.2.2", {b}},
              {"vip=10.77.9.1", {a}},       {"vip=10.77.9.9", {}},    {"tenant=A&name=web", {a}},
              {"tenant=A&ip=10.77.2.2", {}}};
  for (const auto& row : rows)
    EXPECT_EQ(idsOf(std::string("/v2.0/loadbalancers?") + row.query, "loadBalancers"), row.want) << row.query;
  for (const char* bad : {"active", "PENDING_UPDATE", "X"})
    expectFault(world_.ask("GET", std::string("/v2.0/loadbalancers?status=") + bad), 400,
                std::string("Invalid status: ") + bad);
  expectFault(world_.ask("GET", "/v2.0/loadbalancers?vip=x"), 400, "Invalid vip: x");
}

TEST_F(AdminApi, ShowsALoadBalancerWithNodesAndMonitor) {
  const auto lb = world_.create(
      R"({"name":"web","nodes":[{"address":"10.20.0.11","port":80,"weight":3},
          {"address":"10.20.0.12","port":81,"condition":"DISABLED"}]})");
  const auto shown = world_.ask("GET", "/v2.0/loadbalancers/" + lb);
  ASSERT_EQ(shown.status, 200) << shown.text;
  EXPECT_EQ(shown.body["device"].integer(), world_.deviceOf(lb));
  EXPECT_TRUE(shown.body["statusDescription"].isNull());
  EXPECT_EQ(json::dump(shown.body["monitor"]), "{}");
  EXPECT_EQ(shown.body["tenantid"].text() + shown.body["tenant"].text(), "AA");
  EXPECT_EQ(shown.body["vip"][0]["address"].text(), "10.77.9.1");
  const auto ids = world_.nodesOf(lb);
  const auto nodes =
      json::parse(R"([{"id": ")" + ids[0] + R"(", "address": "10.20.0.11", "port": "80",
      "status": "ONLINE", "condition": "ENABLED", "weight": 3},
      {"id": ")" + ids[1] +
                  R"(", "address": "10.20.0.12", "port": "81", "status": "OFFLINE", "condition": "DISABLED"}])");
  EXPECT_TRUE(json_equal(shown.body["nodes"].raw(), nodes->raw())) << shown.text;

  world_.send("PUT", "/v1.1/loadbalancers/" + lb + "/healthmonitor",
              R"({"type":"HTTP","delay":10,"timeout":5,"attemptsBeforeDeactivation":3,"path":"/health"})");
  EXPECT_EQ(json::dump(world_.ask("GET", "/v2.0/loadbalancers/" + lb).body["monitor"]),
            R"({"type":"HTTP","delay":10,"timeout":5,"attemptsBeforeDeactivation":3,"path":"/health"})");
}

TEST_F(AdminApi, ALoadBalancerThatIsDeletedOrWasNeverThereIsNotFound) {
  const auto lb = world_.create();
  world_.send("DELETE", "/v1.1/loadbalancers/" + lb);
  for (const std::string& id : {lb, std::string("999"), std::string("x"), std::string("0")})
    for (const char* method : {"GET", "DELETE"})
      expectNotFound(world_.ask(method, "/v2.0/loadbalancers/" + id), "Loadbalancer " + id + " not found");
  EXPECT_THAT(idsOf("/v2.0/loadbalancers", "loadBalancers"), IsEmpty());
}

TEST_F(AdminApi, DeletesAnyTenantsLoadBalancer) {
  const auto lb = world_.create(ApiWorld::kWeb, "token-b");
  expectEmpty(world_.ask("DELETE", "/v2.0/loadbalancers/" + lb), 204);
  EXPECT_EQ(world_.send("GET", "/v1.1/loadbalancers/" + lb, "", "token-b").status, 404);
  const auto other = world_.create();
  world_.set(other, LbStatus::PendingUpdate);
  const auto refused = world_.ask("DELETE", "/v2.0/loadbalancers/" + other);
  EXPECT_EQ(refused.status, 422);
  EXPECT_THAT(refused.body["faultstring"].text(), HasSubstr("PENDING_UPDATE"));
}

TEST_F(AdminApi, TellsWhatALoadBalancerUsed) {
  const auto id = std::stoll(world_.create());
  const auto path = "/v2.0/loadbalancers/" + number(id) + "/usage";
  expectBody(world_.ask("GET", path), 200, R"({"usage":[]})");
  const Time begin(std::chrono::seconds(1'800'000'000));
  ASSERT_TRUE(world_.store.transact([&](service::Txn& txn) -> Status {
    for (int i = 1; i <= 3; ++i) {
      const auto start = begin + i * std::chrono::minutes(5);
      model::UsageReport report{4, static_cast<std::uint64_t>(i), start, start + std::chrono::minutes(5), {}};
      report.samples.push_back(
          {.load_balancer = id, .bytes_in = 1, .bytes_out = 20U * i, .connections = 3, .status = "ACTIVE"});
      txn.usage().add(report);
    }
    return ok();
  }));
  expectBody(world_.ask("GET", path + "?limit=1"), 200, R"({"usage":[{"start":"2027-01-15T08:15:00",
    "end":"2027-01-15T08:20:00","device":4,"bytesIn":1,"bytesOut":60,"connections":3,"status":"ACTIVE"}]})");
  const auto earlier = world_.ask("GET", path + "?limit=5&marker=1800000900").body["usage"];
  ASSERT_EQ(earlier.size(), 2U);
  EXPECT_EQ(earlier[0]["bytesOut"].integer(), 40);
  EXPECT_EQ(world_.ask("GET", "/v2.0/loadbalancers/x/usage").status, 404);
}

}  // namespace libra::test::admin_api
