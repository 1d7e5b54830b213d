#include "tests/integration/api/tenant_api.h"

namespace libra::test::tenant_api {

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

}  // namespace libra::test::tenant_api
