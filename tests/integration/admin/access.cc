#include "tests/integration/admin/admin_api.h"

namespace libra::test::admin_api {

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
                            {"GET", "/v2.0/loadbalancers/1/usage", false},
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

}  // namespace libra::test::admin_api
