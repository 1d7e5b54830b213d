#include "controller/service/nodes.h"

#include <gtest/gtest.h>

#include "tests/support/said.h"
#include "tests/unit/controller/service_world.h"

namespace libra::service {
namespace {

using namespace libra::model;
using namespace libra::test;

class NodesTest : public ::testing::Test {
 protected:
  NodesTest() {
    world.store.runTwice(true);
    world.addSpare("lb-1");
    world.addVip("10.77.9.1");
  }
  std::int64_t create(const LoadBalancerRequest& request) {
    const auto made = world.lbs().create(request);
    EXPECT_TRUE(made) << said(made);
    world.settle();
    return made->id;
  }
  std::int64_t nodeOf(std::int64_t lb, std::size_t index) { return world.lb(lb).nodes.at(index).id; }
  void busy(std::int64_t lb) { ASSERT_TRUE(world.lbs().change("a", lb, {})); }

  World world;
};

constexpr auto kBusy = "Cannot modify a Load Balancer in a non-ACTIVE state, current state: PENDING_UPDATE";

TEST_F(NodesTest, NewOnesReachTheDeviceAndAloneAreReturned) {
  const auto lb = create(aRequest());
  const auto added = world.nodes().add("a", lb, {weighing(2, aNode("10.20.0.12")), disabled(aNode("10.20.0.13"))});
  ASSERT_TRUE(added);
  ASSERT_EQ(added->size(), 2u);
  EXPECT_EQ((*added)[0].status, NodeStatus::Online);
  EXPECT_EQ((*added)[1].status, NodeStatus::Offline);
  EXPECT_EQ(world.status(lb), LbStatus::PendingUpdate);
  world.settle();
  EXPECT_EQ(world.status(lb), LbStatus::Active);
  const auto nodes = world.runs("lb-1").load_balancers[0].nodes;
  ASSERT_EQ(nodes.size(), 3u);
  EXPECT_EQ(nodes[1].weight, 2);
  EXPECT_FALSE(nodes[2].enabled);
  EXPECT_EQ(world.nodes().list("a", lb)->size(), 3u);
  EXPECT_EQ(world.counter("api_node_create"), 1);
}

TEST_F(NodesTest, AddingIsRefusedInTheSpecsOrder) {
  const auto lb = create(aRequest());
  EXPECT_EQ(said(world.nodes().add("a", 4711, {})), "No nodes have been supplied");
  EXPECT_EQ(said(world.nodes().add("a", 4711, {weighing(0)})), "Node weight must be between 1 and 256");
  EXPECT_EQ(said(world.nodes().add("b", lb, {aNode()})), "Load Balancer not found");
  world.store.edit([](MemoryRows& rows) { rows.limits["maxNodesPerLoadBalancer"] = 1; });
  EXPECT_EQ(said(world.nodes().add("a", lb, {aNode()})), "Command would exceed Load Balancer node limit");
  busy(lb);
  EXPECT_EQ(said(world.nodes().add("a", lb, {aNode()})), kBusy);
}

TEST_F(NodesTest, AGaleraLoadBalancerTakesBackupsOnlyAndKeepsItsPrimary) {
  const auto lb = create(aRequest().on("GALERA").withNodes({aNode(), backup(aNode("10.20.0.12"))}));
  EXPECT_EQ(said(world.nodes().add("a", lb, {aNode("10.20.0.13")})),
            "Galera load balancer may have only one primary node");
  EXPECT_TRUE(world.nodes().add("a", lb, {backup(aNode("10.20.0.13"))}));
  world.settle();
  EXPECT_EQ(said(world.nodes().remove("a", lb, nodeOf(lb, 0))),
            "Cannot delete the primary node in a Galera load balancer");
  EXPECT_TRUE(world.nodes().remove("a", lb, nodeOf(lb, 1)));
}

TEST_F(NodesTest, ConditionAndWeightChangeAlone) {
  const auto lb = create(aRequest().withNodes({aNode(), aNode("10.20.0.12")}));
  ASSERT_TRUE(world.nodes().change("a", lb, nodeOf(lb, 0), {{}, 7}));
  world.settle();
  ASSERT_TRUE(world.nodes().change("a", lb, nodeOf(lb, 0), {false, {}}));
  world.settle();
  const auto node = *world.nodes().find("a", lb, nodeOf(lb, 0));
  EXPECT_EQ(node.weight, 7);
  EXPECT_EQ(node.status, NodeStatus::Offline);
  EXPECT_FALSE(world.runs("lb-1").load_balancers[0].nodes[0].enabled);
  ASSERT_TRUE(world.nodes().change("a", lb, nodeOf(lb, 0), {true, {}}));
  EXPECT_EQ(world.nodes().find("a", lb, nodeOf(lb, 0))->status, NodeStatus::Online);
  EXPECT_EQ(world.counter("api_node_modify"), 3);
}

TEST_F(NodesTest, ChangingIsRefusedInTheSpecsOrder) {
  const auto lb = create(aRequest());
  const auto node = nodeOf(lb, 0);
  EXPECT_EQ(said(world.nodes().change("a", 4711, 1, {})), "Node condition or weight is required");
  EXPECT_EQ(said(world.nodes().change("b", lb, node, {false, 0})), "Load Balancer ID is not valid");
  EXPECT_EQ(said(world.nodes().change("a", lb, 4711, {false, 0})), "Node ID is not valid");
  busy(lb);
  EXPECT_EQ(said(world.nodes().change("a", lb, node, {false, 0})), "Cannot disable the last enabled node");
  EXPECT_EQ(said(world.nodes().change("a", lb, node, {{}, 0})), "Node weight must be between 1 and 256");
  EXPECT_EQ(said(world.nodes().change("a", lb, node, {{}, 5})), kBusy);
}

TEST_F(NodesTest, ARemovedOneIsGoneFromTheDevice) {
  const auto lb = create(aRequest().withNodes({aNode(), aNode("10.20.0.12")}));
  ASSERT_TRUE(world.nodes().remove("a", lb, nodeOf(lb, 0)));
  world.settle();
  EXPECT_EQ(world.runs("lb-1").load_balancers[0].nodes.size(), 1u);
  EXPECT_EQ(said(world.nodes().remove("a", lb, nodeOf(lb, 0))),
            "Cannot delete the last enabled node in a load balancer");
}

TEST_F(NodesTest, RemovingIsRefusedInTheSpecsOrder) {
  const auto lb = create(aRequest());
  EXPECT_EQ(said(world.nodes().remove("b", lb, nodeOf(lb, 0))), "Load Balancer not found");
  EXPECT_EQ(said(world.nodes().remove("a", lb, 4711)), "Node not found in supplied Load Balancer");
  busy(lb);
  EXPECT_EQ(said(world.nodes().remove("a", lb, 4711)), kBusy);
}

TEST_F(NodesTest, AnotherTenantSeesNone) {
  const auto lb = create(aRequest());
  EXPECT_EQ(said(world.nodes().list("b", lb)), "Load Balancer not found");
  EXPECT_EQ(said(world.nodes().find("b", lb, nodeOf(lb, 0))), "node not found");
  EXPECT_EQ(said(world.nodes().find("a", lb, 4711)), "node not found");
}

}  // namespace
}  // namespace libra::service
