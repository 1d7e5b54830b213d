// The admin API v1 and v2.0 with its real services, in the order of spec/libra.md section 3.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/api/codec.h"
#include "controller/service/device_lease.h"
#include "tests/support/admin_world.h"

namespace libra::test {
namespace {

using model::DeviceStatus;
using model::LbStatus;
using ::testing::HasSubstr;

const std::string kNotAuthorized = "Client not authorized to access this function";

std::string number(std::int64_t value) { return std::to_string(value); }

class AdminApi : public ::testing::Test {
 protected:
  static void expectBody(const ApiReply& reply, int status, const std::string& wanted) {
    EXPECT_EQ(reply.status, status) << reply.text;
    const auto want = json::parse(wanted);
    ASSERT_TRUE(want) << wanted;
    EXPECT_TRUE(reply.body && json_equal(reply.body.raw(), want->raw())) << reply.text << "\nwant\n" << wanted;
  }
  static void expectEmpty(const ApiReply& reply, int status) {
    EXPECT_EQ(reply.status, status) << reply.text;
    EXPECT_EQ(reply.text, "");
  }
  static void expectFault(const ApiReply& reply, int status, const std::string& text) {
    EXPECT_EQ(reply.status, status) << reply.text;
    EXPECT_EQ(reply.body["faultcode"].text(), status < 500 ? "Client" : "Server") << reply.text;
    EXPECT_EQ(reply.body["faultstring"].text(), text);
  }
  static void expectNotFound(const ApiReply& reply, const std::string& text) {
    expectFault(reply, 404, text);
    EXPECT_EQ(reply.body["status"].text(), "404");
    EXPECT_EQ(reply.body["message"].text(), "Object not Found");
  }

  struct Refused {
    std::string body;
    std::string text;
  };
  // Each body is refused with 400 and its text, and changes nothing.
  void expectRefused(const std::string& method, const std::string& path, const std::vector<Refused>& rows) {
    const auto before = world_.state();
    for (const auto& row : rows) {
      SCOPED_TRACE(method + " " + path + " " + row.body);
      expectFault(world_.ask(method, path, row.body), 400, row.text);
      EXPECT_EQ(world_.state(), before);
    }
  }
  // Those a list answers with, in its order.
  std::vector<std::int64_t> idsOf(const std::string& path, const char* member) {
    const auto reply = world_.ask("GET", path);
    EXPECT_EQ(reply.status, 200) << path << " " << reply.text;
    std::vector<std::int64_t> ids;
    for (std::size_t i = 0; i < reply.body[member].size(); ++i) ids.push_back(reply.body[member][i]["id"].integer());
    return ids;
  }
  static std::string device(std::int64_t id, const std::string& below = "") {
    return "/v2.0/devices/" + number(id) + below;
  }

  AdminWorld world_;
};

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Ids = std::vector<std::int64_t>;

std::string mandatory(const std::string& name) {
  return "Invalid input for field/attribute " + name + ". Value: 'None'. Mandatory field missing.";
}

// ---- 3.1 general

TEST_F(AdminApi, TellsItsVersionsToAnybody) {
  for (const char* token : {"", "wrong", "token-operator"}) {
    expectBody(world_.ask("GET", "/", "", token), 200,
               R"({"versions": [{"id": "v1", "updated": "2014-01-13T16:55:25Z", "status": "DEPRECATED"},
                                {"id": "v2.0", "updated": "2014-01-13T16:55:25Z", "status": "CURRENT"}]})");
    for (const char* path : {"/v1", "/v1/"})
      expectBody(world_.ask("GET", path, "", token), 200,
                 R"({"version": {"id": "v1", "updated": "2014-01-13T16:55:25Z", "status": "DEPRECATED",
                                 "media-types": [{"base": "application/json"}]}})");
    for (const char* path : {"/v2.0", "/v2.0/"})
      expectBody(world_.ask("GET", path, "", token), 200,
                 R"({"version": {"id": "v2", "updated": "2014-01-13T16:55:25Z", "status": "CURRENT",
                                 "media-types": [{"base": "application/json"}]}})");
  }
}

struct Level {
  const char* method;
  const char* path;
  bool admin;  // else USER is enough
};
constexpr Level kCalls[] = {{"GET", "/v1/devices", false},
                            {"GET", "/v1/devices/1", false},
                            {"GET", "/v1/devices/usage", false},
                            {"POST", "/v1/devices", true},
                            {"PUT", "/v1/devices", true},
                            {"PUT", "/v1/devices/1", true},
                            {"DELETE", "/v1/devices/1", true},
                            {"GET", "/v2.0/devices", false},
                            {"GET", "/v2.0/devices/1", false},
                            {"GET", "/v2.0/devices/1/discover", false},
                            {"GET", "/v2.0/devices/1/events", false},
                            {"PUT", "/v2.0/devices/1", true},
                            {"DELETE", "/v2.0/devices/1", true},
                            {"GET", "/v2.0/loadbalancers", false},
                            {"GET", "/v2.0/loadbalancers/1", false},
                            {"GET", "/v2.0/loadbalancers/1/events", false},
                            {"DELETE", "/v2.0/loadbalancers/1", true},
                            {"GET", "/v2.0/vips/1/events", false},
                            {"GET", "/v2.0/events", false},
                            {"GET", "/v2.0/audit", true},
                            {"GET", "/v2.0/status/pool", false},
                            {"GET", "/v2.0/status/service", false},
                            {"GET", "/v2.0/status/counters", false},
                            {"GET", "/v2.0/status/limits", false},
                            {"PUT", "/v2.0/status/limits", true},
                            {"GET", "/v2.0/status/limits/A", false},
                            {"PUT", "/v2.0/status/limits/A", true},
                            {"GET", "/v2.0/user", true},
                            {"GET", "/v2.0/user/A", false},
                            {"POST", "/v2.0/user", true},
                            {"PUT", "/v2.0/user/A", true},
                            {"DELETE", "/v2.0/user/A", true}};

TEST_F(AdminApi, EveryCallAsksForTheLevelOfItsTenantWhateverTheToken) {
  const auto before = world_.state();
  for (const auto& call : kCalls) {
    SCOPED_TRACE(std::string(call.method) + " " + call.path);
    for (const char* token : {"", "wrong"}) EXPECT_EQ(world_.ask(call.method, call.path, "", token).status, 401);
    for (const char* token : {"token-a", "token-stranger"})
      expectFault(world_.ask(call.method, call.path, "", token), 401, kNotAuthorized);
    const auto reply = world_.ask(call.method, call.path, "", "token-viewer");
    EXPECT_EQ(reply.status == 401, call.admin) << reply.text;
  }
  EXPECT_EQ(world_.state(), before);
  EXPECT_EQ(world_.ask("PUT", "/v2.0/status/limits", "{}", "token-operator-tenant").status, 204);
}

TEST_F(AdminApi, WhatIsRefusedForWantOfALevelIsNotAudited) {
  world_.ask("DELETE", device(1), "", "token-viewer");
  EXPECT_THAT(world_.store.rows().audits, IsEmpty());
}

TEST_F(AdminApi, AnUnknownPathIsNotFoundForThoseWithAToken) {
  for (const char* path : {"/x", "/v1/x", "/v2.0/x", "/v2.0/devices/1/x", "/v1.1/loadbalancers", "/v2.0/status/x"}) {
    EXPECT_EQ(world_.ask("GET", path, "", "").status, 401) << path;
    const auto reply = world_.ask("GET", path);
    expectNotFound(reply, "");
    EXPECT_TRUE(reply.body["faultstring"].isNull());
  }
}

TEST_F(AdminApi, AMethodThatAResourceLacksIsToldWithThoseItHas) {
  const struct {
    const char *method, *path, *allow;
  } calls[] = {{"POST", "/v2.0/devices", "GET, HEAD"},
               {"PATCH", "/v2.0/devices/1", "DELETE, GET, HEAD, PUT"},
               {"PUT", "/v1/devices/usage", "GET, HEAD"},
               {"DELETE", "/v2.0/status/limits", "GET, HEAD, PUT"}};
  for (const auto& call : calls) {
    EXPECT_EQ(world_.ask(call.method, call.path, "", "").status, 401);
    const auto reply = world_.ask(call.method, call.path);
    expectFault(reply, 405, std::string("Method ") + call.method + " is not allowed");
    EXPECT_EQ(reply.headers.get("Allow"), call.allow);
  }
}

TEST_F(AdminApi, ADatabaseThatIsAwayIsAServerFault) {
  world_.store.failNext(1);
  expectFault(world_.ask("GET", "/v2.0/devices"), 503, "The service is busy, try again");
  world_.store.failNext(1, {ErrorCode::Internal, "Internal error", "syntax"});
  expectFault(world_.ask("GET", "/v2.0/devices"), 500, "Internal error");
}

TEST_F(AdminApi, EveryChangeLeavesAnAuditRow) {
  world_.ask("PUT", "/v2.0/status/limits", R"({"maxLoadBalancers": 5})");
  world_.ask("DELETE", "/v2.0/devices/999");
  world_.ask("GET", "/v2.0/devices");
  const auto audits = world_.ask("GET", "/v2.0/audit").body["audits"];
  ASSERT_EQ(audits.size(), 2u);
  EXPECT_EQ(audits[0]["method"].text() + " " + audits[0]["path"].text(), "DELETE /v2.0/devices/999");
  EXPECT_EQ(audits[0]["status"].integer(), 404);
  EXPECT_EQ(audits[1]["tenant"].text(), "operator");
  EXPECT_EQ(audits[1]["role"].text(), "ADMIN");
  EXPECT_EQ(audits[1]["status"].integer(), 204);
  EXPECT_EQ(audits[1]["detail"].text(), R"({"maxLoadBalancers": 5})");
  EXPECT_EQ(world_.ask("GET", "/v2.0/audit?marker=" + number(audits[0]["id"].integer())).body["audits"].size(), 1u);
}

TEST_F(AdminApi, NothingIsDoneThatCannotBeAudited) {
  const auto before = world_.state();
  for (int failing = 1; failing <= 2; ++failing) {  // where the level is read, and where the row is written
    world_.store.failNext(failing);
    EXPECT_EQ(world_.ask("DELETE", device(1)).status, 503);
    world_.store.failNext(0);
  }
  EXPECT_EQ(world_.state(), before);
}

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

// ---- 3.6 users

TEST_F(AdminApi, UsersAreAddedChangedAndRemoved) {
  expectBody(world_.ask("GET", "/v2.0/user"), 200,
             R"([{"tenant": "operator", "level": "ADMIN"}, {"tenant": "viewer", "level": "USER"}])");
  expectBody(world_.ask("POST", "/v2.0/user", R"({"tenant": "C", "level": "ADMIN"})"), 200, "null");
  expectBody(world_.ask("POST", "/v2.0/user", R"({"tenant": "D"})"), 200, "null");
  expectBody(world_.ask("POST", "/v2.0/user", R"({"tenant": "E", "level": null})"), 200, "null");
  expectBody(world_.ask("GET", "/v2.0/user/C"), 200, R"({"tenant": "C", "level": "ADMIN"})");
  expectBody(world_.ask("GET", "/v2.0/user/D"), 200, R"({"tenant": "D", "level": "USER"})");
  expectBody(world_.ask("GET", "/v2.0/user/E"), 200, R"({"tenant": "E", "level": "USER"})");
  expectBody(world_.ask("PUT", "/v2.0/user/D", R"({"level": "ADMIN"})"), 200, "null");
  expectBody(world_.ask("GET", "/v2.0/user/D"), 200, R"({"tenant": "D", "level": "ADMIN"})");
  for (const char* body : {R"({"level": ""})", R"({"level": null})"}) {
    world_.ask("PUT", "/v2.0/user/D", R"({"level": "ADMIN"})");
    expectBody(world_.ask("PUT", "/v2.0/user/D", body), 200, "null");
    expectBody(world_.ask("GET", "/v2.0/user/D"), 200, R"({"tenant": "D", "level": "USER"})");
  }
  expectEmpty(world_.ask("DELETE", "/v2.0/user/D"), 204);
  expectNotFound(world_.ask("GET", "/v2.0/user/D"), "Tenant not found");
}

TEST_F(AdminApi, UsersThatCannotBeAreRefused) {
  const std::string levels = "Only USER or ADMIN levels allowed";
  expectRefused("POST", "/v2.0/user",
                {{"", "Invalid JSON received"},
                 {"null", "Invalid JSON received"},
                 {"{}", "Tenant ID required"},
                 {R"({"tenant": null})", "Tenant ID required"},
                 {R"({"tenant": ""})", "Tenant ID required"},
                 {R"({"tenant": 5})", "Tenant ID required"},
                 {R"({"tenant": "C", "level": "admin"})", levels},
                 {R"({"tenant": "C", "level": 1})", levels},
                 {R"({"tenant": "viewer", "level": "ADMIN"})", "Tenant already has an account"}});
  expectRefused("PUT", "/v2.0/user/viewer",
                {{"x", "Invalid JSON received"}, {"{}", levels}, {R"({"level": "user"})", levels}});
  expectNotFound(world_.ask("PUT", "/v2.0/user/C", R"({"level": "USER"})"), "Tenant does not have an account");
  expectNotFound(world_.ask("DELETE", "/v2.0/user/C"), "Tenant not found");
  EXPECT_EQ(world_.store.rows().admin_users.size(), 2u);
}

TEST_F(AdminApi, TheLastAdminStays) {
  expectFault(world_.ask("DELETE", "/v2.0/user/operator"), 400, "The last ADMIN cannot be removed");
  expectFault(world_.ask("PUT", "/v2.0/user/operator", R"({"level": "USER"})"), 400,
              "The last ADMIN cannot be removed");
  world_.ask("PUT", "/v2.0/user/viewer", R"({"level": "ADMIN"})");
  expectEmpty(world_.ask("DELETE", "/v2.0/user/operator"), 204);
  expectFault(world_.ask("GET", "/v2.0/devices"), 401, kNotAuthorized);
}

}  // namespace
}  // namespace libra::test
