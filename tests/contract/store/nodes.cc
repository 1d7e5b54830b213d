#include "tests/contract/store/rows.h"

namespace libra::test::rows {

TEST_P(StoreContract, AddedNodesComeBackInOrderWithTheirIds) {
  const auto id = addLoadBalancer();
  auto off = node("10.0.0.4", 8080);
  off.enabled = false;
  const auto added = in([&](Txn& txn) {
    return txn.loadBalancers().addNodes(id, {node("10.0.0.3"), off, node("10.0.0.5")});
  });
  ASSERT_EQ(added.size(), 3u);
  EXPECT_EQ(added[0].address, address("10.0.0.3"));
  EXPECT_EQ(added[1].port, 8080);
  EXPECT_EQ(added[1].status, NodeStatus::Offline);
  EXPECT_EQ(added[2].address, address("10.0.0.5"));

  const auto stored = loadBalancer(id).nodes;
  ASSERT_EQ(stored.size(), 5u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(stored[2 + i].id, added[i].id);
    EXPECT_EQ(stored[2 + i].address, added[i].address);
  }
  EXPECT_THAT(in([&](Txn& txn) { return txn.loadBalancers().addNodes(id, {}); }), IsEmpty());
}

TEST_P(StoreContract, FiftyNodesGoInAtOnce) {
  auto lb = wanted("big");
  lb.nodes.assign(50, node("10.0.0.1"));
  const auto id = addLoadBalancer(lb, addDevice("d"));
  EXPECT_EQ(loadBalancer(id).node_count, 50);
}

TEST_P(StoreContract, ChangesANodeAndItsStatus) {
  const auto id = addLoadBalancer();
  const auto other = addLoadBalancer("other");
  const auto n = loadBalancer(id).nodes[0].id;
  run([&](Txn& txn) {
    auto& lbs = txn.loadBalancers();
    EXPECT_FALSE(lbs.changeNode(other, n, false, std::nullopt)) << "the node of another load balancer";
    EXPECT_FALSE(lbs.changeNode(id, n + 1000, false, std::nullopt));
    EXPECT_TRUE(lbs.changeNode(id, n, false, 7));
    EXPECT_TRUE(lbs.changeNode(id, n, false, 7)) << "the same again";
  });
  EXPECT_EQ(loadBalancer(id).nodes[0].status, NodeStatus::Offline);
  EXPECT_FALSE(loadBalancer(id).nodes[0].enabled);
  EXPECT_EQ(loadBalancer(id).nodes[0].weight, 7);

  run([&](Txn& txn) { EXPECT_TRUE(txn.loadBalancers().changeNode(id, n, true, std::nullopt)); });
  EXPECT_EQ(loadBalancer(id).nodes[0].status, NodeStatus::Online);
  EXPECT_EQ(loadBalancer(id).nodes[0].weight, 7);
}

TEST_P(StoreContract, RemovesANodeOfTheLoadBalancerOnly) {
  const auto id = addLoadBalancer();
  const auto other = addLoadBalancer("other");
  const auto n = loadBalancer(id).nodes[0].id;
  run([&](Txn& txn) {
    EXPECT_FALSE(txn.loadBalancers().removeNode(other, n));
    EXPECT_TRUE(txn.loadBalancers().removeNode(id, n));
    EXPECT_FALSE(txn.loadBalancers().removeNode(id, n));
  });
  EXPECT_EQ(loadBalancer(id).node_count, 1);
}

TEST_P(StoreContract, ReportsMoveNodesBetweenOnlineAndErrorOnly) {
  auto lb = wanted("web");
  lb.nodes[1].enabled = false;
  const auto id = addLoadBalancer(lb, addDevice("d"));
  const auto nodes = loadBalancer(id).nodes;
  run([&](Txn& txn) {
    auto& lbs = txn.loadBalancers();
    EXPECT_FALSE(lbs.reportNode(nodes[0].id, true)) << "it is up already";
    EXPECT_TRUE(lbs.reportNode(nodes[0].id, false));
    EXPECT_FALSE(lbs.reportNode(nodes[0].id, false));
    EXPECT_FALSE(lbs.reportNode(nodes[1].id, false)) << "OFFLINE stays";
    EXPECT_FALSE(lbs.reportNode(nodes[1].id, true));
    EXPECT_FALSE(lbs.reportNode(nodes[1].id + 1000, true));
  });
  EXPECT_EQ(loadBalancer(id).nodes[0].status, NodeStatus::Error);
  EXPECT_EQ(loadBalancer(id).nodes[1].status, NodeStatus::Offline);
  run([&](Txn& txn) { EXPECT_TRUE(txn.loadBalancers().reportNode(nodes[0].id, true)); });
  EXPECT_EQ(loadBalancer(id).nodes[0].status, NodeStatus::Online);
}

TEST_P(StoreContract, AMonitorIsPutOverTheFormerOne) {
  const auto id = addLoadBalancer();
  const std::string path = "/" + std::string(1999, 'p');
  run([&](Txn& txn) {
    txn.loadBalancers().putMonitor(id, {MonitorType::Connect, 30, 30, 2, ""});
    txn.loadBalancers().putMonitor(id, {MonitorType::Http, 20, 10, 5, path});
  });
  EXPECT_EQ(loadBalancer(id).monitor, (model::HealthMonitor{MonitorType::Http, 20, 10, 5, path}));
  run([&](Txn& txn) {
    txn.loadBalancers().removeMonitor(id);
    txn.loadBalancers().removeMonitor(id);
  });
  EXPECT_FALSE(loadBalancer(id).monitor);
}

}  // namespace libra::test::rows
