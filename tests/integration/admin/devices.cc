#include "tests/integration/admin/admin_api.h"

namespace libra::test::admin_api {

// ---- 3.3 devices

TEST_F(AdminApi, ListsDevicesWithTheirVips) {
  const auto lb = world_.create();
  const auto vip = world_.get("/v1.1/loadbalancers/" + lb).body["virtualIps"][0];
  const auto first = world_.ask("GET", "/v2.0/devices").body["devices"][0];
  const auto want =
      json::parse(R"({"id": )" + number(world_.deviceOf(lb)) +
                  R"(, "az": 0, "zone": "", "hostGroup": "", "name": "lb-0", "status": "ONLINE", "type": "haproxy",
                                    "ip": "10.77.2.1", "created": "2026-11-18T11:06:40", "maintenance": false,
                                    "updated": "2026-11-18T11:06:40", "vip": [{"id": )" +
                  number(vip["id"].integer()) + R"(, "address": "10.77.9.1"}]})");
  EXPECT_TRUE(json_equal(first.raw(), want->raw())) << json::dump(first);
  EXPECT_EQ(json::dump(world_.ask("GET", "/v2.0/devices").body["devices"][1]["vip"]), "[]");
}

TEST_F(AdminApi, FiltersDevices) {
  const auto on = world_.deviceOf(world_.create());
  const auto all = idsOf("/v2.0/devices", "devices");
  const Ids spares(all.begin() + 1, all.end());
  const struct {
    const char* query;
    Ids want;
  } rows[] = {{"status=ONLINE", {on}},
              {"status=online", {on}},
              {"status=OFFLINE", spares},
              {"status=Error", {}},
              {"name=lb-0", {on}},
              {"name=lb", {}},
              {"ip=10.77.2.1", {on}},
              {"ip=10.77.2.2", {spares[0]}},
              {"vip=10.77.9.1", {on}},
              {"vip=10.77.9.2", {}},
              {"status=ONLINE&name=lb-0&ip=10.77.2.1&vip=10.77.9.1", {on}},
              {"status=OFFLINE&name=lb-0", {}},
              {"unknown=1", all}};
  for (const auto& row : rows)
    EXPECT_EQ(idsOf(std::string("/v2.0/devices?") + row.query, "devices"), row.want) << row.query;
  expectFault(world_.ask("GET", "/v2.0/devices?status=build"), 400, "Invalid status: BUILD");
  expectFault(world_.ask("GET", "/v2.0/devices?status="), 400, "Invalid status: ");
  expectFault(world_.ask("GET", "/v2.0/devices?vip=1.2.3"), 400, "Invalid vip: 1.2.3");
}

TEST_F(AdminApi, ShowsADeviceWithItsLoadBalancers) {
  const auto lb = world_.create();
  const auto shown = world_.ask("GET", device(world_.deviceOf(lb)));
  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(json::dump(shown.body["loadBalancers"]), R"([{"id":)" + lb + R"(,"tenantid":"A"}])");
  EXPECT_EQ(shown.body["vip"][0]["address"].text(), "10.77.9.1");
  const auto spare = idsOf("/v2.0/devices?status=OFFLINE", "devices")[0];
  EXPECT_EQ(json::dump(world_.ask("GET", device(spare)).body["loadBalancers"]), "[]");
  expectNotFound(world_.ask("GET", device(999)), "device id 999not found");
  expectNotFound(world_.ask("GET", "/v2.0/devices/x"), "device id xnot found");
}

TEST_F(AdminApi, DiscoversADevice) {
  const auto on = world_.deviceOf(world_.create());
  world_.gateway.with("lb-0", [](FakeGateway::Device& played) {
    played.discovered.version = "1.0";
    played.discovered.body = json::Value::object().set("release", "1.0.0.6");
  });
  expectBody(world_.ask("GET", device(on, "/discover")), 200,
             R"({"id": ")" + number(on) + R"(", "version": "1.0", "release": "1.0.0.6"})");
  for (const auto mood : {FakeGateway::Mood::Unreachable, FakeGateway::Mood::Fails}) {
    world_.gateway.becomes("lb-0", mood);
    expectFault(world_.ask("GET", device(on, "/discover")), 500, "Could not discover device");
  }
  expectNotFound(world_.ask("GET", device(999, "/discover")), "Device 999 not found");
  expectNotFound(world_.ask("GET", "/v2.0/devices/x/discover"), "Device x not found");
}

TEST_F(AdminApi, DeletesADeviceThatCarriesNothing) {
  const auto spare = idsOf("/v2.0/devices?status=OFFLINE", "devices")[0];
  expectEmpty(world_.ask("DELETE", device(spare)), 204);
  EXPECT_EQ(world_.device(spare).status, DeviceStatus::Deleted);
  expectEmpty(world_.ask("DELETE", device(spare)), 204);
  expectNotFound(world_.ask("DELETE", device(999)), "Device 999 not found");
  expectNotFound(world_.ask("DELETE", "/v2.0/devices/x"), "Device x not found");
}

TEST_F(AdminApi, RebuildsADeviceThatIsDeletedUnderLoadBalancers) {
  const auto lb = world_.create();
  const auto old = world_.deviceOf(lb);
  const auto vip = world_.get("/v1.1/loadbalancers/" + lb).body["virtualIps"][0]["address"].text();
  const auto epoch = world_.gateway.device("lb-0").runs.virtual_ips.at(0).epoch;

  const auto reply = world_.ask("DELETE", device(old));
  ASSERT_EQ(reply.status, 200) << reply.text;
  EXPECT_EQ(reply.body["oldId"].text(), number(old));
  const auto fresh = reply.body["newId"].integer();
  EXPECT_EQ(world_.deviceOf(lb), fresh);
  EXPECT_EQ(world_.statusOf(lb), "ACTIVE") << "the played device has applied it already";
  EXPECT_EQ(world_.get("/v1.1/loadbalancers/" + lb).body["virtualIps"][0]["address"].text(), vip);
  EXPECT_EQ(world_.device(fresh).status, DeviceStatus::Online);
  EXPECT_EQ(world_.device(old).status, DeviceStatus::Deleted) << "it has let go of all it had";
  EXPECT_GT(world_.gateway.device("lb-1").runs.virtual_ips.at(0).epoch, epoch);
  EXPECT_TRUE(world_.gateway.device("lb-0").runs.virtual_ips.empty());
  EXPECT_EQ(world_.counted("loadbalancers_rebuild"), 1);
}

TEST_F(AdminApi, ARebuildThatIsUnderWayShows) {
  const auto lb = world_.create();
  const auto old = world_.deviceOf(lb);
  world_.devicesHang();
  const auto fresh = world_.ask("DELETE", device(old)).body["newId"].integer();
  EXPECT_EQ(world_.statusOf(lb), "ERROR(REBUILDING)");
  EXPECT_EQ(world_.get("/v1.1/loadbalancers/" + lb).body["statusDescription"].text(),
            "Load Balancer rebuild on new device");
  EXPECT_EQ(world_.device(old).status, DeviceStatus::Error);
  EXPECT_EQ(world_.device(fresh).status, DeviceStatus::Building);
  const auto history = world_.ask("GET", device(old, "/events")).body["events"];
  ASSERT_GT(history.size(), 0u);
  EXPECT_EQ(history[0]["kind"].text(), "device.error");
  EXPECT_EQ(history[0]["text"].text(), "from device lb-0 to lb-1");
}

TEST_F(AdminApi, WithoutASpareNothingIsRebuilt) {
  const auto old = world_.deviceOf(world_.create());
  for (const auto spare : idsOf("/v2.0/devices?status=OFFLINE", "devices"))
    world_.ask("PUT", device(spare), R"({"maintenance": true})");
  const auto lbs = world_.ask("GET", "/v2.0/loadbalancers").text;
  expectFault(world_.ask("DELETE", device(old)), 500, "No spare devices when trying to rebuild device " + number(old));
  EXPECT_EQ(world_.ask("GET", "/v2.0/loadbalancers").text, lbs);
  EXPECT_EQ(world_.device(old).status, DeviceStatus::Online);
}

TEST_F(AdminApi, FailsADeviceOverByHandAndHasItCutOff) {
  const auto lb = world_.create();
  const auto old = world_.deviceOf(lb);
  const auto reply = world_.ask("POST", device(old, "/failover"));
  ASSERT_EQ(reply.status, 200) << reply.text;
  EXPECT_EQ(reply.body["oldId"].text(), number(old));
  EXPECT_EQ(reply.body["newId"].integer(), world_.deviceOf(lb));
  EXPECT_EQ(world_.statusOf(lb), "ACTIVE");
  EXPECT_EQ(world_.provider.fenced(), std::set<std::string>{"lb-0"});
}

TEST_F(AdminApi, OnlyADeviceThatCarriesSomethingIsFailedOver) {
  const auto spare = idsOf("/v2.0/devices?status=OFFLINE", "devices").at(0);
  expectFault(world_.ask("POST", device(spare, "/failover")), 400,
              "Device " + number(spare) + " carries no load balancer");
  expectNotFound(world_.ask("POST", device(999, "/failover")), "Device 999 not found");
  expectNotFound(world_.ask("POST", "/v2.0/devices/x/failover"), "Device x not found");
}

TEST_F(AdminApi, ADeviceIsDrainedWithoutBeingCutOff) {
  const auto lb = world_.create();
  const auto old = world_.deviceOf(lb);
  const auto reply = world_.ask("POST", device(old, "/drain"));
  ASSERT_EQ(reply.status, 200) << reply.text;
  EXPECT_EQ(reply.body["oldId"].text(), number(old));
  EXPECT_EQ(reply.body["newId"].integer(), world_.deviceOf(lb));
  EXPECT_NE(world_.deviceOf(lb), old);
  EXPECT_EQ(world_.statusOf(lb), "ACTIVE");
  EXPECT_TRUE(world_.provider.fenced().empty());
  const auto spare = idsOf("/v2.0/devices?status=OFFLINE", "devices").at(0);
  expectFault(world_.ask("POST", device(spare, "/drain")), 400,
              "Device " + number(spare) + " carries no load balancer");
  expectNotFound(world_.ask("POST", device(999, "/drain")), "Device 999 not found");
  expectNotFound(world_.ask("POST", "/v2.0/devices/x/drain"), "Device x not found");
}

TEST_F(AdminApi, AVirtualIpIsSeenAndMovesToTheSpareThatIsNamed) {
  const auto lb = world_.create();
  const auto old = world_.deviceOf(lb);
  const auto held = world_.ask("GET", "/v2.0/vips").body["vips"];
  ASSERT_EQ(held.size(), 1u);
  const auto vip = "/v2.0/vips/" + number(held[0]["id"].integer());
  const auto epoch = held[0]["epoch"].integer();
  EXPECT_EQ(held[0]["device"].integer(), old);
  const auto spare = idsOf("/v2.0/devices?status=OFFLINE", "devices").at(1);
  const auto reply = world_.ask("PUT", vip, R"({"device": )" + number(spare) + "}");
  ASSERT_EQ(reply.status, 200) << reply.text;
  EXPECT_EQ(reply.body["newId"].integer(), spare);
  EXPECT_EQ(world_.ask("GET", vip).body["device"].integer(), spare);
  EXPECT_EQ(world_.ask("GET", vip).body["epoch"].integer(), epoch + 1);
  expectFault(world_.ask("PUT", vip, R"({"device": )" + number(spare) + "}"), 409,
              "Device " + number(spare) + " is no spare that can carry what is on device " + number(spare));
  expectRefused(
      "PUT", vip,
      {{R"({"device": "x"})", "device must be the id of a spare"}, {"{}", "device must be the id of a spare"}});
  expectNotFound(world_.ask("GET", "/v2.0/vips/999"), "Virtual IP 999 not found");
  expectNotFound(world_.ask("PUT", "/v2.0/vips/x", R"({"device": 1})"), "Virtual IP x not found");
}

TEST_F(AdminApi, TheBreakerIsSeenAndClosedByHand) {
  expectBody(world_.ask("GET", "/v2.0/status/breaker"), 200, R"({"open": false, "reason": null, "waiting": 0})");
  auto& breaker = world_.healer.breaker();
  for (int i = 0; i < 6; ++i) breaker.admit("lb-" + number(i), {}, {.devices = 100, .domains = {}});
  expectBody(world_.ask("GET", "/v2.0/status/breaker"), 200,
             R"({"open": true, "reason": "5 devices failed over within 10 s", "waiting": 1})");
  expectEmpty(world_.ask("PUT", "/v2.0/status/breaker", R"({"open": false})"), 204);
  EXPECT_TRUE(breaker.admit("lb-5", {}, {.devices = 100, .domains = {}}));
  expectRefused("PUT", "/v2.0/status/breaker",
                {{R"({"open": true})", "The breaker opens by itself"}, {"{}", "open must be true or false"}});
}

TEST_F(AdminApi, ASpareInMaintenanceIsNotGivenOut) {
  const auto first = idsOf("/v2.0/devices", "devices")[0];
  expectEmpty(world_.ask("PUT", device(first), R"({"maintenance": true})"), 204);
  EXPECT_TRUE(world_.ask("GET", device(first)).body["maintenance"].boolean());
  EXPECT_NE(world_.deviceOf(world_.create()), first);
  expectEmpty(world_.ask("PUT", device(first), R"({"maintenance": false})"), 204);
  EXPECT_EQ(world_.deviceOf(world_.create()), first);
  expectRefused("PUT", device(first),
                {{"", "Invalid JSON received"},
                 {"{}", "maintenance must be true or false"},
                 {R"({"maintenance": 1})", "maintenance must be true or false"}});
  expectNotFound(world_.ask("PUT", device(999), R"({"maintenance": true})"), "Device 999 not found");
  const auto history = world_.ask("GET", device(first, "/events")).text;
  EXPECT_THAT(history,
              HasSubstr(R"("kind":"device.maintenance","object":"device/)" + number(first) + R"(","text":"ends")"));
}

}  // namespace libra::test::admin_api
