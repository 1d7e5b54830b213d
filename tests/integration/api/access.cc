#include "tests/integration/api/tenant_api.h"

namespace libra::test::tenant_api {

// ---- 1.2 authentication

TEST_F(Api, DemandsATokenForAllButTheVersions) {
  const auto id = world_.create();
  for (const std::string& path : {kLbs, lb(id), lb(id, "/nodes"), std::string("/v1.1/limits"),
                                  std::string("/v1.1/algorithms"), std::string("/v1.1/unknown"), std::string("/x")})
    for (const char* token : {"", "wrong"}) {
      const auto reply = world_.send("GET", path, "", token);
      EXPECT_EQ(reply.status, 401) << path;
      EXPECT_EQ(reply.body["message"].text(), "Bad Request");
      EXPECT_TRUE(reply.body["details"].text().starts_with("NotAuthorized: "));
      EXPECT_TRUE(reply.headers.has("WWW-Authenticate"));
    }
  for (const char* path : {"/", "/v1.1", "/v1.1/"}) EXPECT_EQ(world_.send("GET", path, "", "").status, 200) << path;
}

TEST_F(Api, DemandsATenantWhereSomethingIsTheTenants) {
  for (const std::string& path : {kLbs, lb("1"), lb("1", "/nodes"), lb("1", "/healthmonitor"), lb("1", "/virtualips"),
                                  std::string("/v1.1/limits")})
    expectFault(world_.send("GET", path, "", "token-unscoped"), 401,
                "NotAuthorized: No tenant ID provided by authentication system");
  for (const char* path : {"/v1.1/algorithms", "/v1.1/protocols"})
    EXPECT_EQ(world_.send("GET", path, "", "token-unscoped").status, 200);
}

TEST_F(Api, AnotherTenantsLoadBalancerIsNotFoundOnEveryPathAndMethod) {
  const auto id = world_.create();
  const auto node = world_.nodesOf(id)[0];
  const auto before = world_.state();
  const struct {
    const char* method;
    std::string path, body;
  } calls[] = {
      {"GET", lb(id), ""},
      {"PUT", lb(id), R"({"name":"mine"})"},
      {"DELETE", lb(id), ""},
      {"GET", lb(id, "/nodes"), ""},
      {"POST", lb(id, "/nodes"), R"({"nodes":[{"address":"10.0.0.1","port":80}]})"},
      {"GET", lb(id, "/nodes/") + node, ""},
      {"PUT", lb(id, "/nodes/") + node, R"({"condition":"DISABLED"})"},
      {"DELETE", lb(id, "/nodes/") + node, ""},
      {"GET", lb(id, "/healthmonitor"), ""},
      {"PUT", lb(id, "/healthmonitor"), R"({"type":"CONNECT","delay":5,"timeout":5,"attemptsBeforeDeactivation":1})"},
      {"DELETE", lb(id, "/healthmonitor"), ""},
      {"GET", lb(id, "/virtualips"), ""},
      {"POST", lb(id, "/logs"), "{}"}};
  for (const auto& call : calls) {
    SCOPED_TRACE(std::string(call.method) + " " + call.path);
    const auto reply = world_.send(call.method, call.path, call.body, "token-b");
    EXPECT_EQ(reply.status, 404);
    // Not even the text tells it from one that never was.
    auto absent = call.path;
    absent.replace(kLbs.size() + 1, id.size(), "999999");
    EXPECT_EQ(world_.send(call.method, absent, call.body, "token-b").text, reply.text);
    EXPECT_EQ(world_.state(), before);
  }
  expectBody(world_.send("GET", kLbs, "", "token-b"), 200, R"({"loadBalancers":[]})");
  // Nor is its VIP to be shared.
  const auto vip = std::to_string(world_.get(lb(id)).body["virtualIps"][0]["id"].integer());
  expectNotFound(world_.send("POST", kLbs, R"({"name":"x","protocol":"TCP","nodes":[{"address":"10.0.0.1","port":80}],
    "virtualIps":[{"id":)" + vip + "}]}",
                             "token-b"),
                 "Invalid virtual IP provided");
  EXPECT_EQ(world_.statusOf(id), "ACTIVE");
}

// ---- 1.5 URLs

TEST_F(Api, UnknownPathsAreNotFound) {
  const auto id = world_.create();
  for (const std::string& path :
       {std::string("/v1.1/x"), std::string("/v1.0/loadbalancers"), std::string("/v1.1/loadbalancer"), lb("0"),
        lb("-1"), lb("abc"), lb("1e3"), lb("99999999999999999999"), lb("0", "/nodes"), lb("abc", "/virtualips"),
        lb(id, "/connectionthrottle"), lb(id, "/sessionpersistence"), lb(id, "/usage"), lb(id, "/x"),
        lb(id, "/nodes/1/x"), lb(id, "//nodes"), lb(id, "/%zz"), lb(id, "/nodes/%2f"), lb(id, "/nodes/%00")})
    expectNotFound(world_.get(path));
}

TEST_F(Api, OneTrailingSlashIsTolerated) {
  const auto id = world_.create();
  for (const std::string& path : {kLbs, lb(id), lb(id, "/nodes"), lb(id, "/healthmonitor"), lb(id, "/virtualips"),
                                  std::string("/v1.1/limits"), std::string("/v1.1/protocols")})
    EXPECT_EQ(world_.get(path + "/").status, 200) << path;
}

TEST_F(Api, MethodsAResourceLacksAreNotAllowed) {
  const auto id = world_.create();
  const struct {
    std::string path;
    std::vector<const char*> methods;
    const char* allow;
  } rows[] = {{"/v1.1/limits", {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"}, "GET, HEAD"},
              {kLbs, {"PUT", "DELETE", "PATCH"}, "GET, HEAD, POST"},
              {lb(id), {"POST", "PATCH"}, "DELETE, GET, HEAD, PUT"},
              {lb(id, "/nodes"), {"PUT", "DELETE"}, "GET, HEAD, POST"},
              {lb(id, "/nodes/1"), {"POST"}, "DELETE, GET, HEAD, PUT"},
              {lb(id, "/healthmonitor"), {"POST"}, "DELETE, GET, HEAD, PUT"},
              {lb(id, "/virtualips"), {"POST", "DELETE"}, "GET, HEAD"},
              {lb(id, "/logs"), {"GET", "PUT", "DELETE"}, "POST"}};
  for (const auto& row : rows)
    for (const char* method : row.methods) {
      SCOPED_TRACE(method + (" " + row.path));
      const auto reply = world_.send(method, row.path, "{}");
      expectFault(reply, 405, std::string("Method ") + method + " is not allowed");
      EXPECT_EQ(reply.headers.get("Allow"), row.allow);
      EXPECT_EQ(world_.send(method, row.path, "{}", "").status, 401);
    }
}

TEST_F(Api, UnknownQueryParametersAreRefused) {
  const auto id = world_.create();
  for (const std::string& path : {kLbs, lb(id), lb(id, "/nodes"), lb(id, "/nodes/1"), lb(id, "/healthmonitor")})
    expectFault(world_.get(path + "?limit=1"), 400, "Unknown argument: \"limit\"");
  expectFault(world_.send("POST", kLbs + "?x=1", ApiWorld::kWeb), 400, "Unknown argument: \"x\"");
  expectFault(world_.send("POST", lb(id, "/logs?x"), "{}"), 400, "Unknown argument: \"x\"");
  for (const std::string& path : {kLbs + "?", lb(id, "?status=x"), lb(id, "/virtualips?x=1"),
                                  std::string("/v1.1/limits?x=1"), std::string("/v1.1/protocols?x=1")})
    EXPECT_EQ(world_.get(path).status, 200) << path;
}

// ---- when the store fails

TEST_F(Api, AStoreThatIsBusyIsA503AndChangesNothing) {
  const auto before = world_.state();
  world_.store.failNext(1);
  expectBody(world_.send("POST", kLbs, ApiWorld::kWeb), 503,
             R"({"message":"Load Balancer Fault","details":"The service is busy, try again","code":503})");
  EXPECT_EQ(world_.state(), before);
  world_.store.failNext(1, {ErrorCode::Internal, "Table lbaas.devices is marked as crashed", "1194"});
  expectBody(world_.get(kLbs), 500, R"({"message":"Load Balancer Fault","details":null,"code":500})");
}

}  // namespace libra::test::tenant_api
