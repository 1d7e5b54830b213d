#include "tests/integration/api/tenant_api.h"

namespace libra::test::tenant_api {

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

}  // namespace libra::test::tenant_api
