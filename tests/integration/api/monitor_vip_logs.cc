#include "tests/integration/api/tenant_api.h"

namespace libra::test::tenant_api {

// ---- 1.6.15 - 1.6.17 health monitor

const std::string kDefaultMonitor = R"({"type":"CONNECT","delay":30,"timeout":30,"attemptsBeforeDeactivation":2})";

TEST_F(Api, HasADefaultMonitorUntilItIsGivenOne) {
  const auto id = world_.create();
  const auto path = lb(id, "/healthmonitor");
  expectBody(world_.get(path), 200, kDefaultMonitor);
  expectBody(world_.send("PUT", path, R"({"type":"HTTP","delay":"20","timeout":10,"attemptsBeforeDeactivation":3,
    "path":"/ü x?a=b&c=%20"})"),
             202, R"({"type":"HTTP","delay":"20","timeout":"10","attemptsBeforeDeactivation":"3",
    "path":"/%C3%BC%20x?a=b&c=%20"})");
  expectBody(world_.get(path), 200, R"({"type":"HTTP","delay":20,"timeout":10,"attemptsBeforeDeactivation":3,
    "path":"/%C3%BC%20x?a=b&c=%20"})");
  expectBody(world_.send("PUT", path, R"({"type":"CONNECT","delay":5,"timeout":5,"attemptsBeforeDeactivation":1,
    "path":null})"),
             202, R"({"type":"CONNECT","delay":"5","timeout":"5","attemptsBeforeDeactivation":"1"})");
  expectEmpty(world_.send("DELETE", path), 202);
  expectBody(world_.get(path), 200, kDefaultMonitor);
  EXPECT_EQ(world_.counted("api_healthmonitor_get"), 3);
  EXPECT_EQ(world_.counted("api_healthmonitor_modify"), 2);
  EXPECT_EQ(world_.counted("api_healthmonitor_delete"), 1);
}

TEST_F(Api, RefusesMonitorsThatBreakARule) {
  const auto id = world_.create();
  const auto path = lb(id, "/healthmonitor");
  const auto monitor = [](const char* type, const std::string& delay, const std::string& timeout,
                          const std::string& attempts, const std::string& more = "") {
    return std::string(R"({"type":")") + type + R"(","delay":)" + delay + R"(,"timeout":)" + timeout +
           R"(,"attemptsBeforeDeactivation":)" + attempts + more + "}";
  };
  const std::string missing = "Missing field(s): type, delay, timeout, and attemptsBeforeDeactivation are required";
  expectRefused(
      "PUT", path,
      {{"", 400, "Request body must be a JSON object"},
       {"{}", 400, missing},
       {R"({"type":"CONNECT","delay":5,"timeout":5})", 400, missing},
       {monitor("CONNECT", "null", "5", "1"), 400, missing},
       {monitor("TCP", "5", "5", "1"), 400,
        "Invalid input for field/attribute type. Value: 'TCP'. Value should be one of: CONNECT, HTTP"},
       {monitor("CONNECT", "5", "5", "1", R"(,"path":"/")"), 400, "Path argument is invalid with CONNECT type"},
       {monitor("HTTP", "5", "5", "1", R"(,"path":"x")"), 400, "Path must begin with leading /"},
       {monitor("HTTP", "5", "5", "1", R"(,"path":"")"), 400, "Path must begin with leading /"},
       {monitor("HTTP", "5", "5", "1", R"(,"path":"/)" + std::string(2000, 'p') + "\""), 400,
        "Path must be less than 2000 characters"},
       {monitor("HTTP", "5", "5", "1"), 400, "Path argument is required"},
       {monitor("CONNECT", "5", "0", "1"), 400, "timeout must be between 1 and 3600 seconds"},
       {monitor("CONNECT", "5", "3601", "1"), 400, "timeout must be between 1 and 3600 seconds"},
       {monitor("CONNECT", "0", "5", "1"), 400, "delay must be between 1 and 3600 seconds"},
       {monitor("CONNECT", "3601", "5", "1"), 400, "delay must be between 1 and 3600 seconds"},
       {monitor("CONNECT", "5", "6", "1"), 400, "timeout cannot be greater than delay"},
       {monitor("CONNECT", "5", "5", "0"), 400, "attemptsBeforeDeactivation must be between 1 and 10"},
       {monitor("CONNECT", "5", "5", "11"), 400, "attemptsBeforeDeactivation must be between 1 and 10"}});
  expectRefused("PUT", lb("424242", "/healthmonitor"), {{"{}", 404, "Load Balancer not found"}});
  expectRefused("DELETE", lb("424242", "/healthmonitor"), {{"", 404, "Load Balancer not found"}});
  expectNotFound(world_.get(lb("424242", "/healthmonitor")), "Load Balancer not found");
  for (const auto status : kImmutable) {
    world_.set(id, status);
    expectRefused("PUT", path,
                  {{"{}", 400, missing}, {monitor("CONNECT", "5", "5", "1"), 422, nonActive("modify", status)}});
    expectRefused("DELETE", path, {{"", 422, nonActive("modify", status)}});
  }
}

// ---- 1.6.18 virtual IPs

TEST_F(Api, ShowsTheVirtualIp) {
  const auto id = world_.create();
  const auto vip = std::to_string(world_.get(lb(id)).body["virtualIps"][0]["id"].integer());
  expectBody(world_.get(lb(id, "/virtualips")), 200,
             R"({"virtualIps":[{"id":)" + vip + R"(,"address":"10.77.9.1","type":"PUBLIC","ipVersion":"IPV4"}]})");
  expectNotFound(world_.get(lb("424242", "/virtualips")), "Load Balancer ID not valid");
}

// ---- 1.6.19 logs

TEST_F(Api, TakesLogRequestsAndSaysThatThereIsNoStorage) {
  const auto id = world_.create();
  for (const char* body : {"", "{}", "null", R"({"objectStoreType":"Swift","objectStoreEndpoint":"https://x",
       "objectStoreBasePath":"logs","authToken":"secret"})"}) {
    expectEmpty(world_.send("POST", lb(id, "/logs"), body), 202);
    EXPECT_EQ(world_.statusOf(id), "ACTIVE");
  }
  EXPECT_EQ(world_.get(lb(id)).body["statusDescription"].text(), "Log archive failed: No log storage configured");
  EXPECT_EQ(world_.counted("api_log_archive"), 4);
}

TEST_F(Api, RefusesLogRequestsThatBreakARule) {
  const auto id = world_.create();
  expectRefused("POST", lb(id, "/logs"),
                {{R"({"objectStoreType":"S3"})", 400,
                  "Invalid input for field/attribute objectStoreType. Value: 'S3'. Value should be one of: Swift"},
                 {R"({"authToken":5})", 400, wrongType("authToken", "5", "unicode", "int")},
                 {"[]", 400, "Request body must be a JSON object"}});
  expectRefused("POST", lb("424242", "/logs"), {{"{}", 404, "Load Balancer not found"}});
  for (const auto status : kImmutable) {
    world_.set(id, status);
    expectRefused("POST", lb(id, "/logs"), {{"{}", 422, nonActive("get logs from", status)}});
  }
}

}  // namespace libra::test::tenant_api
