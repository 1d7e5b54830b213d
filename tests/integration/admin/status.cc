#include "tests/integration/admin/admin_api.h"

namespace libra::test::admin_api {

// ---- 3.5 status

TEST_F(AdminApi, CountsThePool) {
  world_.create();
  world_.ask("DELETE", device(idsOf("/v2.0/devices?status=OFFLINE", "devices")[0]));
  expectBody(world_.ask("GET", "/v2.0/status/pool"), 200,
             R"({"devices": {"used": 1, "available": 2, "error": 0, "pendingDelete": 1},
                 "vips": {"used": 1, "available": 3, "bad": 0}})");
}

TEST_F(AdminApi, TellsWhichServersAnswer) {
  expectBody(world_.ask("GET", "/v2.0/status/service"), 200,
             R"({"mysql": [{"ip": "db1", "status": "ONLINE"}, {"ip": "db2", "status": "OFFLINE"}],
                 "gearman": [{"ip": "10.0.0.1", "status": "ONLINE"}]})");
}

TEST_F(AdminApi, ListsCountersWithTheLatest) {
  world_.create();
  world_.get("/v1.1/limits");
  world_.get("/v1.1/limits");
  const auto counters = world_.ask("GET", "/v2.0/status/counters");
  EXPECT_THAT(counters.text, HasSubstr(R"({"name":"api_limits_get","value":2})"));
  EXPECT_THAT(counters.text, HasSubstr(R"({"name":"api_loadbalancers_create","value":1})"));
}

TEST_F(AdminApi, LimitsAreReadAndSet) {
  expectBody(world_.ask("GET", "/v2.0/status/limits"), 200,
             R"({"maxLoadBalancerNameLength": 128, "maxVIPsPerLoadBalancer": 1, "maxNodesPerLoadBalancer": 50,
                 "maxLoadBalancers": 20})");
  expectEmpty(world_.ask("PUT", "/v2.0/status/limits", R"({"maxLoadBalancers": 7, "maxVIPsPerLoadBalancer": 0})"), 204);
  expectBody(world_.ask("GET", "/v2.0/status/limits"), 200,
             R"({"maxLoadBalancerNameLength": 128, "maxVIPsPerLoadBalancer": 0, "maxNodesPerLoadBalancer": 50,
                 "maxLoadBalancers": 7})");
  EXPECT_EQ(world_.get("/v1.1/limits").body["limits"]["absolute"]["values"]["maxLoadBalancers"].integer(), 7);
}

TEST_F(AdminApi, LimitsThatAreNoneAreRefused) {
  const std::string bad = "Invalid value for limit: maxLoadBalancers";
  expectRefused("PUT", "/v2.0/status/limits",
                {{"", "Invalid JSON received"},
                 {"{", "Invalid JSON received"},
                 {"[]", "Invalid JSON received"},
                 {R"({"maxLoadBalancers": 3, "maxX": 1})", "Limit not found: maxX"},
                 {R"({"maxx": "a"})", "Limit not found: maxx"},
                 {R"({"maxLoadBalancers": -1})", bad},
                 {R"({"maxLoadBalancers": "5"})", bad},
                 {R"({"maxLoadBalancers": 5.0})", bad},
                 {R"({"maxLoadBalancers": true})", bad},
                 {R"({"maxLoadBalancers": null})", bad},
                 {R"({"maxLoadBalancers": 4294967296})", bad}});
  EXPECT_EQ(world_.store.rows().limits["maxLoadBalancers"], 20);
}

TEST_F(AdminApi, ATenantsLimitIsReadAndSet) {
  const std::string path = "/v2.0/status/limits/A";
  expectBody(world_.ask("GET", path), 200, R"({"maxLoadBalancers": null})");
  expectEmpty(world_.ask("PUT", path, R"({"maxLoadBalancers": 3, "other": 1})"), 204);
  expectBody(world_.ask("GET", path), 200, R"({"maxLoadBalancers": 3})");
  EXPECT_EQ(world_.get("/v1.1/limits").body["limits"]["absolute"]["values"]["maxLoadBalancers"].integer(), 3);
  expectEmpty(world_.ask("PUT", path, R"({"maxLoadBalancers": null})"), 204);
  expectBody(world_.ask("GET", path), 200, R"({"maxLoadBalancers": null})");
  expectRefused("PUT", path,
                {{"{}", "No user settable limit in json"},
                 {R"({"maxNodesPerLoadBalancer": 3})", "No user settable limit in json"},
                 {"nonsense", "Invalid JSON received"},
                 {"3", "Invalid JSON received"},
                 {R"({"maxLoadBalancers": "3"})", "Invalid value for limit: maxLoadBalancers"},
                 {R"({"maxLoadBalancers": -3})", "Invalid value for limit: maxLoadBalancers"}});
}

TEST_F(AdminApi, EventsAreToldOfAllAndOfOneObject) {
  const auto lb = world_.create();
  const auto events = world_.ask("GET", "/v2.0/events").body["events"];
  ASSERT_GT(events.size(), 1u);
  const auto of_one = world_.ask("GET", "/v2.0/loadbalancers/" + lb + "/events").body["events"];
  ASSERT_EQ(of_one.size(), 1u);
  EXPECT_EQ(of_one[0]["kind"].text(), "loadbalancer.active");
  EXPECT_EQ(of_one[0]["object"].text(), "loadbalancer/" + lb);
  EXPECT_EQ(of_one[0]["at"].text(), "2026-11-18T11:06:40");
  EXPECT_EQ(world_.ask("GET", "/v2.0/events?object=loadbalancer/" + lb).body["events"].size(), 1u);
  EXPECT_EQ(world_.ask("GET", "/v2.0/events?limit=1").body["events"].size(), 1u);
  EXPECT_EQ(world_.ask("GET", "/v2.0/events?marker=" + number(events[0]["id"].integer())).body["events"].size(),
            events.size() - 1);
  expectFault(world_.ask("GET", "/v2.0/events?limit=many"), 400, "Invalid limit: many");
}

}  // namespace libra::test::admin_api
