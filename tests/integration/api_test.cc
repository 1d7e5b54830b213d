// The tenant API v1.1 with its real services, in the order of spec/libra.md section 1.

#include <gtest/gtest.h>

#include "tests/support/api_world.h"

namespace libra::test {
namespace {

using model::LbStatus;

const std::string kLbs = "/v1.1/loadbalancers";

class Api : public ::testing::Test {
 protected:
  // Equal as JSON: member order does not count.
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
  // The body of 1.3 for every failure that is no 404.
  static void expectFault(const ApiReply& reply, int status, const std::string& details) {
    EXPECT_EQ(reply.status, status) << reply.text;
    EXPECT_EQ(reply.body["message"].text(), "Bad Request") << reply.text;
    EXPECT_EQ(reply.body["details"].text(), details);
    EXPECT_EQ(reply.body["code"].integer(), status);
  }
  // 1.3 item 4; no details: an unknown URL.
  static void expectNotFound(const ApiReply& reply, const std::string& details = "") {
    EXPECT_EQ(reply.status, 404) << reply.text;
    EXPECT_EQ(reply.body["status"].text(), "404");
    EXPECT_EQ(reply.body["message"].text(), "Object not Found");
    EXPECT_EQ(reply.body["code"].integer(), 404);
    EXPECT_EQ(json::dump(reply.body["details"]), details.empty() ? "null" : "\"NotFound: " + details + "\"");
  }

  struct Refused {
    std::string body;
    int status;
    std::string details;
  };
  // Each body is refused with its text and changes nothing.
  void expectRefused(const std::string& method, const std::string& path, const std::vector<Refused>& rows) {
    const auto before = world_.state();
    for (const auto& row : rows) {
      SCOPED_TRACE(method + " " + path + " " + row.body.substr(0, 200));
      const auto reply = world_.send(method, path, row.body);
      if (row.status == 404) {
        expectNotFound(reply, row.details);
      } else {
        expectFault(reply, row.status, row.details);
      }
      EXPECT_EQ(world_.state(), before);
    }
  }

  std::string lb(const std::string& id, const std::string& below = "") { return kLbs + "/" + id + below; }

  ApiWorld world_;
};

std::string wrongType(const std::string& name, const std::string& value, const char* want, const char* got) {
  return "Invalid input for field/attribute " + name + ". Value: '" + value + "'. Wrong type. Expected '<type '" +
         want + "'>', got '<type '" + got + "'>'";
}
std::string mandatory(const std::string& name) {
  return "Invalid input for field/attribute " + name + ". Value: 'None'. Mandatory field missing.";
}
std::string nonActive(const char* doing, LbStatus status) {
  return std::string("ImmutableEntity: Cannot ") + doing +
         " a Load Balancer in a non-ACTIVE state, current state: " + std::string(name(status));
}

const LbStatus kImmutable[] = {LbStatus::Error, LbStatus::PendingUpdate, LbStatus::PendingDelete, LbStatus::Build,
                               LbStatus::Rebuilding};

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

// ---- 1.6.1 discovery

TEST_F(Api, TellsItsVersions) {
  const std::string version = R"("id":"v1.1","status":"CURRENT","updated":"2012-12-18T18:30:02.25Z",
    "links":[{"rel":"self","href":"http://wiki.openstack.org/Atlas-LB"}])";
  for (const char* method : {"GET", "POST", "PUT", "DELETE"})
    expectBody(world_.send(method, "/", "", ""), 200, R"({"versions":[{)" + version + "}]}");
  for (const char* path : {"/v1.1", "/v1.1/"})
    expectBody(world_.send("GET", path, "", ""), 200,
               R"({"version":{)" + version + R"(,"media-types":[{"base":"application/json"}]}})");
}

// ---- 1.6.2 - 1.6.4

TEST_F(Api, ListsAlgorithmsAndProtocols) {
  expectBody(world_.get("/v1.1/algorithms"), 200,
             R"({"algorithms":[{"name":"ROUND_ROBIN"},{"name":"LEAST_CONNECTIONS"}]})");
  expectBody(world_.get("/v1.1/protocols"), 200, R"({"protocols":[{"name":"HTTP","port":80},{"name":"TCP","port":443},
    {"name":"TCP","port":3306},{"name":"GALERA","port":3306}]})");
}

TEST_F(Api, ListsLimitsWithTheTenantsOwn) {
  const auto with = [](int most) {
    return R"({"limits":{"absolute":{"values":{"maxLoadBalancerNameLength":128,"maxVIPsPerLoadBalancer":1,
      "maxNodesPerLoadBalancer":50,"maxLoadBalancers":)" +
           std::to_string(most) + "}}}}";
  };
  expectBody(world_.get("/v1.1/limits"), 200, with(20));
  world_.store.edit([](MemoryRows& rows) { rows.tenant_limit["A"] = 3; });
  expectBody(world_.get("/v1.1/limits"), 200, with(3));
  expectBody(world_.send("GET", "/v1.1/limits", "", "token-b"), 200, with(20));
  EXPECT_EQ(world_.counted("api_limits_get"), 3);
}

// ---- 1.6.5 list

TEST_F(Api, ListsWhatIsNotDeleted) {
  const auto kept = world_.create();
  const auto gone = world_.create();
  ASSERT_EQ(world_.send("DELETE", lb(gone)).status, 202);
  for (const char* query : {"", "?status=ACTIVE", "?status=deleted", "?status="}) {
    const auto list = world_.get(kLbs + query).body["loadBalancers"];
    ASSERT_EQ(list.size(), 1u) << query;
    EXPECT_EQ(list[0]["id"].text(), kept);
    EXPECT_TRUE(list[0]["port"].isInteger());
    EXPECT_EQ(list[0]["nodeCount"].integer(), 2);
    EXPECT_EQ(json::dump(list[0]["options"]), R"({"timeout":30000,"retries":3})");
  }
  const auto deleted = world_.get(kLbs + "?status=DELETED").body["loadBalancers"];
  ASSERT_EQ(deleted.size(), 1u);
  EXPECT_EQ(deleted[0]["id"].text(), gone);
  EXPECT_EQ(deleted[0]["status"].text(), "DELETED");
  EXPECT_EQ(deleted[0]["nodeCount"].integer(), 0);
  EXPECT_EQ(world_.counted("api_loadbalancers_get"), 5);
}

// ---- 1.6.6 create

TEST_F(Api, CreatesWithDefaults) {
  const auto reply = world_.send("POST", kLbs, R"({"name":"web","nodes":[{"address":"10.20.0.11","port":"80"}]})");
  const auto id = reply.body["id"].text();
  const auto node = reply.body["nodes"][0]["id"].text();
  const auto created = reply.body["created"].text();
  EXPECT_EQ(created.size(), std::string("2014-05-01T10:00:00").size());
  expectBody(reply, 202,
             R"({"id":")" + id + R"(","name":"web","protocol":"HTTP","port":"80",
    "algorithm":"ROUND_ROBIN","status":"BUILD","created":")" +
                 created + R"(","updated":")" + created + R"(",
    "virtualIps":[{"id":null,"address":null,"type":"ASSIGNING","ipVersion":"IPV4"}],
    "nodes":[{"id":")" +
                 node + R"(","address":"10.20.0.11","port":"80","condition":"ENABLED","status":"ONLINE"}],
    "options":{"timeout":30000,"retries":3}})");
  EXPECT_EQ(world_.counted("api_loadbalancers_create"), 1);
  EXPECT_EQ(world_.statusOf(id), "ACTIVE");
}

TEST_F(Api, CreatesWithEverything) {
  const auto reply = world_.send("POST", kLbs, R"({"name":"db","protocol":"galera","port":3306,
    "algorithm":"LEAST_CONNECTIONS","options":{"timeout":0,"retries":0},"ignored":{"deep":[null]},
    "nodes":[{"address":"10.0.0.1","port":3306,"weight":256,"extra":1},
             {"address":"10.0.0.2","port":3306,"backup":"TRUE","condition":"DISABLED"}]})");
  ASSERT_EQ(reply.status, 202) << reply.text;
  EXPECT_EQ(reply.body["protocol"].text(), "GALERA");
  EXPECT_EQ(reply.body["algorithm"].text(), "LEAST_CONNECTIONS");
  EXPECT_EQ(json::dump(reply.body["options"]), R"({"timeout":0,"retries":0})");
  EXPECT_EQ(reply.body["nodes"][0]["weight"].text(), "256");
  EXPECT_EQ(reply.body["nodes"][1]["condition"].text(), "DISABLED");
  EXPECT_EQ(reply.body["nodes"][1]["status"].text(), "OFFLINE");
  EXPECT_FALSE(reply.body["nodes"][1]["backup"]);
  EXPECT_FALSE(reply.body["nodeCount"]);
  EXPECT_FALSE(reply.body["statusDescription"]);
}

TEST_F(Api, KnowsTheDefaultPortOfEachProtocol) {
  const std::pair<std::string, std::string> protocols[] = {
      {"HTTP", "80"}, {"TCP", "443"}, {"GALERA", "3306"}, {"", "80"}};
  for (const auto& [protocol, port] : protocols)
    for (const std::string given : {"", R"(,"port":0)", R"(,"port":null)"}) {
      ApiWorld world;
      const auto reply = world.send(
          "POST", kLbs,
          R"({"name":"","nodes":[{"address":"10.0.0.1","port":80}],"protocol":")" + protocol + "\"" + given + "}");
      EXPECT_EQ(reply.status, 202) << reply.text;
      EXPECT_EQ(reply.body["port"].text(), port);
    }
}

TEST_F(Api, RefusesToCreateWhatBreaksARule) {
  const auto with = [](const std::string& members, const std::string& nodes = R"({"address":"10.0.0.1","port":80})") {
    return R"({"name":"web","nodes":[)" + nodes + "]" + (members.empty() ? "" : ",") + members + "}";
  };
  const auto node = [&](const std::string& members) { return with("", "{" + members + "}"); };
  std::string many;
  for (int i = 0; i < 51; ++i) many += std::string(i == 0 ? "" : ",") + R"({"address":"10.0.0.1","port":80})";

  expectRefused(
      "POST", kLbs,
      {{"", 400, "Request body must be a JSON object"},
       {R"({"nodes":[]})", 400, mandatory("name")},
       {R"({"name":"web"})", 400, mandatory("nodes")},
       {node(R"("port":80)"), 400, mandatory("address")},
       {node(R"("address":"10.0.0.1")"), 400, mandatory("port")},
       {with(R"("virtualIps":[{}])"), 400, mandatory("id")},
       {with(R"("virtualIps":[{"id":"x"}])"), 400, wrongType("id", "x", "int", "unicode")},
       {with(R"("port":"abc")"), 400, wrongType("port", "abc", "int", "unicode")},
       {R"({"name":"web","nodes":[]})", 400, "At least one backend node needs to be supplied"},
       {node(R"("address":"10.0.0.1","port":70000)"), 400, "Node 10.0.0.1 port number 70000 is invalid"},
       {node(R"("address":"10.0.0.1","port":-1)"), 400, "Node 10.0.0.1 port number -1 is invalid"},
       {node(R"("address":"10.0.0.1","port":0)"), 400, "Node 10.0.0.1 port number 0 is invalid"},
       {node(R"("address":"10.0.0.256","port":80)"), 400, "IP Address 10.0.0.256 not valid"},
       {node(R"("address":"example.org","port":80)"), 400, "IP Address example.org not valid"},
       {node(R"("address":"","port":80)"), 400, "IP Address  not valid"},
       {node(R"("address":"fd77::1","port":80)"), 400, "IP Address fd77::1 not valid"},
       {node(R"("address":"10.0.0.1","port":80,"weight":0)"), 400, "Node weight must be between 1 and 256"},
       {node(R"("address":"10.0.0.1","port":80,"weight":257)"), 400, "Node weight must be between 1 and 256"},
       {with(R"("options":{"timeout":1000001})"), 400, "timeout must be between 0 and 1000000 ms"},
       {with(R"("options":{"timeout":-1})"), 400, "timeout must be between 0 and 1000000 ms"},
       {with(R"("options":{"retries":257})"), 400, "retries must be between 0 and 256"},
       {with(R"("protocol":"GALERA")", R"({"address":"10.0.0.1","port":80},{"address":"10.0.0.2","port":80})"), 400,
        "Galera load balancer must have exactly one primary node"},
       {with(R"("protocol":"GALERA")", R"({"address":"10.0.0.1","port":80,"backup":"TRUE"})"), 400,
        "Galera load balancer must have exactly one primary node"},
       {R"({"name":")" + std::string(129, 'n') + R"(","nodes":[{"address":"10.0.0.1","port":80}]})", 400,
        "Length of Load Balancer name too long"},
       {with("", many), 413, "OverLimit: Too many backend nodes supplied (limit is 50)"},
       {with(R"("protocol":"UDP")"), 400, "Invalid protocol UDP"},
       {with(R"("port":65536)"), 400, "Port number 65536 is invalid"},
       {with(R"("port":-80)"), 400, "Port number -80 is invalid"},
       {with(R"("port":8081)"), 400, "Port number 8081 is not allowed for HTTP protocol"},
       {with(R"("protocol":"tcp","port":80)"), 400, "Port number 80 is not allowed for TCP protocol"},
       {with(R"("virtualIps":[{"id":999999}])"), 404, "Invalid virtual IP provided"},
       {with(R"("virtualIps":[{"id":-1}])"), 404, "Invalid virtual IP provided"}});
  EXPECT_EQ(world_.counted("api_loadbalancers_create"), 0);
}

TEST_F(Api, ChecksInTheOrderOfTheSpec) {
  world_.store.edit([](MemoryRows& rows) { rows.tenant_limit["A"] = 1; });
  world_.create();
  const std::string name(129, 'n');
  const auto body = [](const std::string& members, const std::string& node) {
    return "{" + members + R"("nodes":[{"address":"10.0.0.1","port":80},{)" + node + "}]}";
  };
  const std::string good = R"("address":"10.0.0.2","port":80)";
  const std::string bad_options = R"("options":{"timeout":-1,"retries":-1},)";
  // Each row repairs the fault of the one before.
  expectRefused(
      "POST", kLbs,
      {{body(R"("protocol":"UDP","port":0.5,)" + bad_options, R"("address":"x","port":0,"weight":0)"), 400,
        mandatory("name")},
       {body(R"("name":")" + name + R"(","protocol":"GALERA",)" + bad_options, R"("address":"x","port":0,"weight":0)"),
        400, "Node x port number 0 is invalid"},
       {body(R"("name":")" + name + R"(","protocol":"GALERA",)" + bad_options, R"("address":"x","port":1,"weight":0)"),
        400, "IP Address x not valid"},
       {body(R"("name":")" + name + R"(","protocol":"GALERA",)" + bad_options,
             R"("address":"1.1.1.1","port":1,"weight":0)"),
        400, "Node weight must be between 1 and 256"},
       {body(R"("name":")" + name + R"(","protocol":"GALERA",)" + bad_options, good), 400,
        "timeout must be between 0 and 1000000 ms"},
       {body(R"("name":")" + name + R"(","protocol":"GALERA","options":{"retries":-1},)", good), 400,
        "retries must be between 0 and 256"},
       {body(R"("name":")" + name + R"(","protocol":"GALERA","port":99999,)", good), 400,
        "Galera load balancer must have exactly one primary node"},
       {body(R"("name":")" + name + R"(","protocol":"UDP","port":99999,)", good), 400,
        "Length of Load Balancer name too long"},
       {body(R"("name":"n","protocol":"UDP","port":99999,)", good), 413,
        "OverLimit: Account has hit limit of 1 Load Balancers"}});
  world_.store.edit([](MemoryRows& rows) { rows.tenant_limit["A"] = 9, rows.limits["maxNodesPerLoadBalancer"] = 1; });
  expectRefused("POST", kLbs,
                {{body(R"("name":"n","protocol":"UDP","port":99999,)", good), 413,
                  "OverLimit: Too many backend nodes supplied (limit is 1)"}});
  world_.store.edit([](MemoryRows& rows) { rows.limits["maxNodesPerLoadBalancer"] = 50; });
  expectRefused(
      "POST", kLbs,
      {{body(R"("name":"n","protocol":"UDP","port":99999,)", good), 400, "Invalid protocol UDP"},
       {body(R"("name":"n","port":99999,"virtualIps":[{"id":9999}],)", good), 400, "Port number 99999 is invalid"},
       {body(R"("name":"n","port":8081,"virtualIps":[{"id":9999}],)", good), 400,
        "Port number 8081 is not allowed for HTTP protocol"},
       {body(R"("name":"n","virtualIps":[{"id":9999}],)", good), 404, "Invalid virtual IP provided"}});
}

TEST(ApiFilters, KeepNodesInsideTheNetworks) {
  ApiWorld world({*NetRange::parse("10.20.0.0/16"), *NetRange::parse("192.0.2.7/32")});
  const auto status = [&](const char* address) {
    return world.send("POST", kLbs,
                      std::string(R"({"name":"n","nodes":[{"address":")") + address + R"(","port":80}]})");
  };
  EXPECT_EQ(status("10.21.0.1").body["details"].text(), "IP Address 10.21.0.1 is not allowed as a backend node");
  EXPECT_EQ(status("10.20.255.1").status, 202);
  EXPECT_EQ(status("192.0.2.7").status, 202);
}

TEST_F(Api, WithoutSpareNothingIsStored) {
  for (int i = 0; i < 4; ++i) world_.create();
  const auto before = world_.state();
  const auto reply = world_.send("POST", kLbs, ApiWorld::kWeb);
  expectBody(reply, 500, R"({"message":"Server error","details":"No devices available","code":500})");
  EXPECT_EQ(world_.state(), before);
  world_.addSpares(1);
  EXPECT_EQ(world_.send("POST", kLbs, ApiWorld::kWeb).status, 202);
}

TEST_F(Api, AFullQuotaIsOverLimit) {
  world_.store.edit([](MemoryRows& rows) { rows.tenant_limit["A"] = 2; });
  world_.create();
  const auto second = world_.create();
  expectRefused("POST", kLbs, {{ApiWorld::kWeb, 413, "OverLimit: Account has hit limit of 2 Load Balancers"}});
  ASSERT_EQ(world_.send("DELETE", lb(second)).status, 202);
  EXPECT_EQ(world_.send("POST", kLbs, ApiWorld::kWeb).status, 202);
}

TEST_F(Api, SharesTheDeviceOfAVirtualIp) {
  const auto first = world_.create();
  const auto vip = world_.get(lb(first)).body["virtualIps"][0];
  const auto sharing = [&](const std::string& members) {
    return R"({"name":"db",)" + members + R"("nodes":[{"address":"10.0.0.1","port":80}],"virtualIps":[{"id":)" +
           std::to_string(vip["id"].integer()) + "}]}";
  };
  expectRefused("POST", kLbs,
                {{sharing(R"("protocol":"HTTP",)"), 400, "Only one load balancer per port allowed per device"}});
  const auto second = world_.send("POST", kLbs, sharing(R"("protocol":"TCP",)"));
  ASSERT_EQ(second.status, 202) << second.text;
  expectBody({0, second.body["virtualIps"], "", {}}, 0,
             R"([{"id":")" + std::to_string(vip["id"].integer()) + R"(","address":")" + vip["address"].text() +
                 R"(","type":"PUBLIC","ipVersion":"IPV4"}])");
  expectRefused("POST", kLbs,
                {{sharing(R"("protocol":"GALERA",)"), 400, "Only one load balancer per protocol allowed per device"}});
  world_.set(first, LbStatus::PendingUpdate);
  expectRefused(
      "POST", kLbs,
      {{sharing(R"("protocol":"GALERA",)"), 422,
        "ImmutableEntity: Existing Load Balancer on VIP in a non-ACTIVE state, current state: PENDING_UPDATE"}});
}

TEST_F(Api, AnEmptyListOfVirtualIpsIsNone) {
  for (const char* vips : {"[]", "null"})
    EXPECT_EQ(
        world_
            .send("POST", kLbs,
                  std::string(R"({"name":"n","nodes":[{"address":"10.0.0.1","port":80}],"virtualIps":)") + vips + "}")
            .status,
        202);
}

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

// ---- 1.6.10, 1.6.11 nodes

TEST_F(Api, ShowsNodesWithNumbers) {
  const auto id = world_.create(R"({"name":"web","nodes":[{"address":"10.20.0.11","port":80,"weight":2},
    {"address":"10.20.0.12","port":81,"condition":"DISABLED"}]})");
  const auto nodes = world_.nodesOf(id);
  const auto one = R"({"id":)" + nodes[0] +
                   R"(,"address":"10.20.0.11","port":80,"status":"ONLINE","condition":"ENABLED","weight":2})";
  const auto two =
      R"({"id":)" + nodes[1] + R"(,"address":"10.20.0.12","port":81,"status":"OFFLINE","condition":"DISABLED"})";
  expectBody(world_.get(lb(id, "/nodes")), 200, R"({"nodes":[)" + one + "," + two + "]}");
  expectBody(world_.get(lb(id, "/nodes/") + nodes[1]), 200, two);
  EXPECT_EQ(world_.counted("api_node_get"), 2);
}

TEST_F(Api, UnknownNodesAreNotFound) {
  const auto id = world_.create();
  const auto other = world_.nodesOf(world_.create())[0];
  expectNotFound(world_.get(lb("424242", "/nodes")), "Load Balancer not found");
  for (const std::string& node : {std::string("424242"), std::string("0"), std::string("abc"), other})
    expectNotFound(world_.get(lb(id, "/nodes/") + node), "node not found");
}

// ---- 1.6.12 add nodes

TEST_F(Api, AddsNodesAndShowsTheNewOnes) {
  const auto id = world_.create();
  const auto reply =
      world_.send("POST", lb(id, "/nodes"), R"({"nodes":[{"address":"10.20.0.13","port":"80","weight":"2"},
    {"address":"10.20.0.13","port":80,"condition":"DISABLED"}]})");
  const auto ids = world_.nodesOf(id);
  ASSERT_EQ(ids.size(), 4u);
  expectBody(reply, 202,
             R"({"nodes":[{"id":)" + ids[2] + R"(,"address":"10.20.0.13","port":80,"condition":"ENABLED",
    "status":"ONLINE","weight":2},{"id":)" +
                 ids[3] + R"(,"address":"10.20.0.13","port":80,"condition":"DISABLED",
    "status":"OFFLINE"}]})");
  EXPECT_EQ(world_.counted("api_node_create"), 1);
}

TEST_F(Api, RefusesNodesThatBreakARule) {
  const auto id = world_.create();
  const std::string one = R"({"nodes":[{"address":"10.0.0.1","port":80}]})";
  std::string many;
  for (int i = 0; i < 49; ++i) many += std::string(i == 0 ? "" : ",") + R"({"address":"10.0.0.1","port":80})";
  expectRefused(
      "POST", lb(id, "/nodes"),
      {{"{}", 400, mandatory("nodes")},
       {R"({"nodes":[]})", 400, "No nodes have been supplied"},
       {R"({"nodes":[{"address":"10.0.0.1","port":0}]})", 400, "Node 10.0.0.1 port number 0 is invalid"},
       {R"({"nodes":[{"address":"x","port":80}]})", 400, "IP Address x not valid"},
       {R"({"nodes":[{"address":"10.0.0.1","port":80,"weight":0}]})", 400, "Node weight must be between 1 and 256"},
       {R"({"nodes":[)" + many + "]}", 413, "OverLimit: Command would exceed Load Balancer node limit"}});
  expectRefused("POST", lb("424242", "/nodes"),
                {{R"({"nodes":[]})", 400, "No nodes have been supplied"}, {one, 404, "Load Balancer not found"}});
  for (const auto status : kImmutable) {
    world_.set(id, status);
    expectRefused("POST", lb(id, "/nodes"), {{one, 422, nonActive("modify", status)}});
  }
  const auto galera =
      world_.create(R"({"name":"db","protocol":"GALERA","nodes":[{"address":"10.0.0.1","port":3306}]})");
  expectRefused("POST", lb(galera, "/nodes"), {{one, 400, "Galera load balancer may have only one primary node"}});
}

// ---- 1.6.13 change a node

TEST_F(Api, ChangesConditionAndWeight) {
  const auto id = world_.create();
  const auto node = world_.nodesOf(id)[0];
  const auto path = lb(id, "/nodes/") + node;
  expectEmpty(world_.send("PUT", path, R"({"condition":"DISABLED","weight":"7","address":"1.1.1.1","port":"x"})"), 202);
  expectBody(world_.get(path), 200, R"({"id":)" + node + R"(,"address":"10.20.0.11","port":80,"status":"OFFLINE",
    "condition":"DISABLED","weight":7})");
  expectEmpty(world_.send("PUT", path, R"({"condition":"ENABLED"})"), 202);
  EXPECT_EQ(world_.get(path).body["status"].text(), "ONLINE");
  EXPECT_EQ(world_.counted("api_node_modify"), 2);
}

TEST_F(Api, RefusesNodeChangesThatBreakARule) {
  const auto id = world_.create();
  const auto nodes = world_.nodesOf(id);
  expectRefused("PUT", lb(id, "/nodes/") + nodes[0],
                {{"{}", 400, "Node condition or weight is required"},
                 {R"({"condition":null})", 400, "Node condition or weight is required"},
                 {R"({"weight":0})", 400, "Node weight must be between 1 and 256"},
                 {R"({"weight":"x"})", 400, wrongType("weight", "x", "int", "unicode")}});
  expectRefused("PUT", lb("424242", "/nodes/1"), {{R"({"weight":2})", 404, "Load Balancer ID is not valid"}});
  for (const char* unknown : {"/nodes/424242", "/nodes/abc"})
    expectRefused("PUT", lb(id, unknown), {{R"({"weight":2})", 404, "Node ID is not valid"}});

  ASSERT_EQ(world_.send("PUT", lb(id, "/nodes/") + nodes[0], R"({"condition":"DISABLED"})").status, 202);
  expectRefused("PUT", lb(id, "/nodes/") + nodes[1],
                {{R"({"condition":"DISABLED"})", 400, "Cannot disable the last enabled node"}});
  EXPECT_EQ(world_.send("PUT", lb(id, "/nodes/") + nodes[0], R"({"condition":"DISABLED"})").status, 202);

  for (const auto status : kImmutable) {
    world_.set(id, status);
    expectRefused("PUT", lb(id, "/nodes/") + nodes[1],
                  {{R"({"condition":"DISABLED"})", 400, "Cannot disable the last enabled node"},
                   {R"({"weight":0})", 400, "Node weight must be between 1 and 256"},
                   {R"({"weight":2})", 422, nonActive("modify", status)}});
  }
}

// ---- 1.6.14 delete a node

TEST_F(Api, DeletesANode) {
  const auto id = world_.create();
  const auto nodes = world_.nodesOf(id);
  expectEmpty(world_.send("DELETE", lb(id, "/nodes/") + nodes[0]), 202);
  EXPECT_EQ(world_.nodesOf(id), std::vector{nodes[1]});
  EXPECT_EQ(world_.counted("api_node_delete"), 1);
}

TEST_F(Api, RefusesToDeleteTheLastNodeOrThePrimary) {
  const auto id = world_.create();
  const auto nodes = world_.nodesOf(id);
  expectRefused("DELETE", lb("424242", "/nodes/1"), {{"", 404, "Load Balancer not found"}});
  for (const char* unknown : {"/nodes/424242", "/nodes/abc"})
    expectRefused("DELETE", lb(id, unknown), {{"", 404, "Node not found in supplied Load Balancer"}});
  ASSERT_EQ(world_.send("PUT", lb(id, "/nodes/") + nodes[0], R"({"condition":"DISABLED"})").status, 202);
  expectRefused("DELETE", lb(id, "/nodes/") + nodes[1],
                {{"", 400, "Cannot delete the last enabled node in a load balancer"}});
  for (const auto status : kImmutable) {
    world_.set(id, status);
    expectRefused("DELETE", lb(id, "/nodes/") + nodes[1], {{"", 422, nonActive("modify", status)}});
  }
  world_.set(id, LbStatus::Active);
  expectEmpty(world_.send("DELETE", lb(id, "/nodes/") + nodes[0]), 202);  // disabled: not the last enabled one

  const auto galera = world_.create(R"({"name":"db","protocol":"GALERA","nodes":[{"address":"10.0.0.1","port":3306},
    {"address":"10.0.0.2","port":3306,"backup":"TRUE"}]})");
  expectRefused("DELETE", lb(galera, "/nodes/") + world_.nodesOf(galera)[0],
                {{"", 400, "Cannot delete the primary node in a Galera load balancer"}});
}

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

}  // namespace
}  // namespace libra::test
