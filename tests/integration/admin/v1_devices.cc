#include "tests/integration/admin/admin_api.h"

namespace libra::test::admin_api {

// ---- 3.2 v1 devices

TEST_F(AdminApi, V1ListsDevicesInPagesWithTheTenantsOnThem) {
  const auto lb = world_.create();
  const auto on = world_.deviceOf(lb);
  const auto all = world_.ask("GET", "/v1/devices");
  ASSERT_EQ(all.status, 200);
  ASSERT_EQ(all.body["devices"].size(), 4u);
  const auto first = all.body["devices"][0];
  EXPECT_EQ(first["id"].integer(), on);
  EXPECT_EQ(json::dump(first["loadBalancers"]), R"([{"id":)" + lb + R"(,"hpcs_tenantid":"A"}])");
  EXPECT_EQ(json::dump(all.body["devices"][1]["loadBalancers"]), "[]");

  const auto ids = idsOf("/v1/devices", "devices");
  EXPECT_EQ(idsOf("/v1/devices?marker=1&limit=2", "devices"), (Ids{ids[1], ids[2]}));
  EXPECT_EQ(idsOf("/v1/devices?marker=3", "devices"), (Ids{ids[3]}));
  EXPECT_THAT(idsOf("/v1/devices?marker=9", "devices"), IsEmpty());
  EXPECT_THAT(idsOf("/v1/devices?limit=0", "devices"), IsEmpty());
  expectFault(world_.ask("GET", "/v1/devices?limit=x"), 400, "Invalid limit: x");
  expectFault(world_.ask("GET", "/v1/devices?marker=-1"), 400, "Invalid marker: -1");
}

TEST_F(AdminApi, V1ShowsADevice) {
  const auto lb = world_.create();
  const auto on = world_.deviceOf(lb);
  expectBody(world_.ask("GET", "/v1/devices/" + number(on)), 200,
             R"({"id": )" + number(on) +
                 R"(, "name": "lb-0", "az": 0, "type": "haproxy", "status": "ONLINE", "publicIpAddr": "10.77.2.1",
                     "floatingIpAddr": "10.77.2.1", "created": "2026-11-18T11:06:40", "updated": "2026-11-18T11:06:40",
                     "loadBalancers": [{"id": )" +
                 lb + R"(, "tenantid": "A"}]})");
  expectNotFound(world_.ask("GET", "/v1/devices/999"), "device id 999not found");
  expectNotFound(world_.ask("GET", "/v1/devices/abc"), "device id abcnot found");
}

TEST_F(AdminApi, V1CountsDevices) {
  world_.create();
  expectBody(world_.ask("GET", "/v1/devices/usage"), 200, R"({"total": 4, "free": 3, "taken": 1})");
}

const std::string kNewDevice =
    R"({"name": "lb-new", "publicIpAddr": "10.1.1.1", "floatingIpAddr": "10.1.1.1", "az": "2", "type": "basename: lb"})";

TEST_F(AdminApi, V1AddsADevice) {
  const auto added = world_.ask("POST", "/v1/devices", kNewDevice);
  ASSERT_EQ(added.status, 200) << added.text;
  EXPECT_EQ(added.body["name"].text(), "lb-new");
  EXPECT_EQ(added.body["az"].integer(), 2);
  EXPECT_EQ(added.body["type"].text(), "basename: lb");
  EXPECT_EQ(added.body["publicIpAddr"].text(), "10.1.1.1");
  EXPECT_EQ(added.body["status"].text(), "OFFLINE");
  EXPECT_EQ(json::dump(added.body["loadBalancers"]), "[]");
  EXPECT_EQ(world_.device(added.body["id"].integer()).address, "10.1.1.1");
}

TEST_F(AdminApi, V1RefusesADeviceWithoutAllItsMembers) {
  const std::string rest = R"("publicIpAddr": "10.1.1.1", "floatingIpAddr": "10.1.1.1", "az": 1, "type": "t"})";
  const std::string not_added = "Error communicating with load balancer pool";
  expectRefused("POST", "/v1/devices",
                {{"", "Request body must be a JSON object"},
                 {"[]", "Request body must be a JSON object"},
                 {"{" + rest, mandatory("name")},
                 {R"({"name": null, )" + rest, mandatory("name")},
                 {R"({"name": "x", "floatingIpAddr": "1", "az": 1, "type": "t"})", mandatory("publicIpAddr")},
                 {R"({"name": "x", "publicIpAddr": "1", "az": 1, "type": "t"})", mandatory("floatingIpAddr")},
                 {R"({"name": "x", "publicIpAddr": "1", "floatingIpAddr": "1", "type": "t"})", mandatory("az")},
                 {R"({"name": "x", "publicIpAddr": "1", "floatingIpAddr": "1", "az": 1})", mandatory("type")},
                 {R"({"name": "x", "publicIpAddr": "1", "floatingIpAddr": "1", "az": "a", "type": "t"})",
                  "Invalid input for field/attribute az. Value: 'a'. Wrong type. Expected '<type 'int'>', got '<type "
                  "'unicode'>'"},
                 {R"({"name": "lb-0", )" + rest, not_added},
                 {R"({"name": ")" + std::string(129, 'x') + R"(", )" + rest, not_added}});
  EXPECT_TRUE(world_.ask("POST", "/v1/devices", "").body["debuginfo"].isNull());
}

TEST_F(AdminApi, ShowsWhatALoadBalancerWaitsFor) {
  const auto settled = world_.create();
  EXPECT_TRUE(world_.ask("GET", "/v2.0/loadbalancers/" + settled).body["waiting"].isNull());

  world_.devicesHang();
  const auto lb = world_.create();
  const auto device = world_.deviceOf(lb);
  const auto waiting = [&] { return world_.ask("GET", "/v2.0/loadbalancers/" + lb).body["waiting"]; };
  EXPECT_EQ(waiting()["attempts"].integer(), 0);
  EXPECT_TRUE(waiting()["nextDue"].isNull());
  EXPECT_EQ(waiting()["owner"].text(), "") << "no controller has its lease";

  world_.store.edit([&](MemoryRows& rows) {
    rows.devices.at(device).attempts = 2;
    rows.devices.at(device).last_error = "Load Balancer error";
    rows.devices.at(device).next_due = world_.clock.now() + std::chrono::seconds(5);
    const auto name = service::leaseOfDevice(device);
    rows.leases[name] = {name, "ctl-1", 1, 1};
  });
  EXPECT_EQ(waiting()["owner"].text(), "ctl-1");
  EXPECT_EQ(waiting()["attempts"].integer(), 2);
  EXPECT_EQ(waiting()["lastError"].text(), "Load Balancer error");
  EXPECT_EQ(waiting()["nextDue"].text(), api::codec::timestamp(world_.clock.now() + std::chrono::seconds(5)));
  EXPECT_EQ(waiting()["deadline"].text(), api::codec::timestamp(world_.clock.now() + std::chrono::seconds(120)));
}

TEST_F(AdminApi, V1ReportsOnADevice) {
  const auto lb = world_.create();
  const auto path = "/v1/devices/" + number(world_.deviceOf(lb));
  expectEmpty(world_.ask("PUT", path, R"({"status": "ERROR", "statusDescription": "disk"})"), 200);
  EXPECT_EQ(world_.device(world_.deviceOf(lb)).status, DeviceStatus::Error);
  EXPECT_EQ(world_.statusOf(lb), "ERROR");
  EXPECT_EQ(world_.get("/v1.1/loadbalancers/" + lb).body["statusDescription"].text(), "disk");
  expectEmpty(world_.ask("PUT", path, R"({"status": "ONLINE", "statusDescription": ""})"), 200);
  EXPECT_EQ(world_.device(world_.deviceOf(lb)).status, DeviceStatus::Online);
  EXPECT_EQ(world_.statusOf(lb), "ACTIVE");
}

TEST_F(AdminApi, V1RefusesAReportThatIsNone) {
  const auto path = "/v1/devices/" + number(world_.deviceOf(world_.create()));
  expectRefused(
      "PUT", path,
      {{R"({"statusDescription": "x"})", mandatory("status")},
       {R"({"status": "ONLINE"})", mandatory("statusDescription")},
       {R"({"status": "OFFLINE", "statusDescription": "x"})",
        "Invalid input for field/attribute status. Value: 'OFFLINE'. Value should be one of: ONLINE, ERROR"}});
  const std::string good = R"({"status": "ONLINE", "statusDescription": "x"})";
  expectRefused("PUT", "/v1/devices", {{good, "Device ID is required"}});
  expectRefused("PUT", "/v1/devices/999", {{good, "Device ID is not valid"}});
  expectRefused("PUT", "/v1/devices/abc", {{good, "Device ID is not valid"}});
}

TEST_F(AdminApi, V1ForgetsADeviceThatCarriesNothing) {
  const auto on = world_.deviceOf(world_.create());
  expectFault(world_.ask("DELETE", "/v1/devices/" + number(on)), 400, "Device belongs to a loadbalancer");
  const auto spare = idsOf("/v2.0/devices?status=OFFLINE", "devices")[0];
  expectEmpty(world_.ask("DELETE", "/v1/devices/" + number(spare)), 204);
  EXPECT_FALSE(world_.store.rows().devices.contains(spare));
  for (const std::string& id : {number(spare), std::string("abc")})
    expectFault(world_.ask("DELETE", "/v1/devices/" + id), 400, "Device ID is not valid");
}

}  // namespace libra::test::admin_api
