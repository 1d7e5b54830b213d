#include "tests/integration/admin/admin_api.h"

namespace libra::test::admin_api {

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

}  // namespace libra::test::admin_api
