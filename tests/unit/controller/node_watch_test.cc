#include "controller/service/node_watch.h"

#include <gtest/gtest.h>

#include "tests/unit/controller/service_world.h"

namespace libra::service {
namespace {

using namespace libra::model;
using namespace libra::test;
using Mood = FakeGateway::Mood;
using protocol::NodeHealth;

class NodeWatchTest : public ::testing::Test {
 protected:
  NodeWatchTest() : watch(world.context(), world.gateway, world.run()) {
    world.store.runTwice(true);
    world.addSpare("lb-1");
    world.addVip("10.77.9.1");
    lb = world.lbs().create(aRequest().withNodes({aNode(), aNode("10.20.0.12")}))->id;
    world.settle();
  }
  void reports(std::size_t node, NodeHealth health) {
    world.gateway.with("lb-1", [&](FakeGateway::Device& device) {
      device.nodes[std::to_string(world.lb(lb).nodes.at(node).id)] = health;
    });
  }
  void poll() {
    watch.poll();
    world.settle();
  }
  NodeStatus node(std::size_t index) { return world.lb(lb).nodes.at(index).status; }
  std::string text() { return world.lb(lb).status_description; }

  World world;
  NodeWatch watch;
  std::int64_t lb = 0;
};

TEST_F(NodeWatchTest, AFailedNodeDegradesAndItsRecoveryHeals) {
  reports(0, NodeHealth::Down);
  reports(1, NodeHealth::Up);
  poll();
  EXPECT_EQ(node(0), NodeStatus::Error);
  EXPECT_EQ(node(1), NodeStatus::Online);
  EXPECT_EQ(world.status(lb), LbStatus::Degraded);
  EXPECT_EQ(text(), "A node on the load balancer has failed");

  reports(0, NodeHealth::Up);
  reports(1, NodeHealth::Down);
  poll();
  EXPECT_EQ(world.status(lb), LbStatus::Degraded) << "another one failed";

  reports(1, NodeHealth::Up);
  poll();
  EXPECT_EQ(world.status(lb), LbStatus::Active);
  EXPECT_EQ(text(), "A node on the load balancer has recovered");

  std::vector<std::string> kinds;
  for (const auto& event : world.store.rows().events) kinds.push_back(event.kind);
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "node.down"), 2);
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "node.up"), 2);
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "loadbalancer.degraded"), 1);
}

TEST_F(NodeWatchTest, ADisabledNodeStaysOffline) {
  ASSERT_TRUE(world.nodes().change("a", lb, world.lb(lb).nodes[0].id, {false, {}}));
  world.settle();
  reports(0, NodeHealth::Down);
  poll();
  EXPECT_EQ(node(0), NodeStatus::Offline);
  EXPECT_EQ(world.status(lb), LbStatus::Active);
}

TEST_F(NodeWatchTest, DuringAChangeOnlyTheNodeChanges) {
  world.gateway.becomes("lb-1", Mood::Hangs);
  ASSERT_TRUE(world.lbs().change("a", lb, {}));
  world.settle();
  world.gateway.becomes("lb-1", Mood::Obeys);
  reports(0, NodeHealth::Down);
  poll();
  EXPECT_EQ(node(0), NodeStatus::Error);
  EXPECT_EQ(world.status(lb), LbStatus::PendingUpdate);
  world.gateway.release(Mood::Obeys);
  world.settle();
  EXPECT_EQ(world.status(lb), LbStatus::Degraded);
}

TEST_F(NodeWatchTest, SilenceFailureAndStrangeNodesChangeNothing) {
  world.gateway.with("lb-1", [](FakeGateway::Device& device) {
    device.nodes = {{"4711", NodeHealth::Down}, {"", NodeHealth::Down}, {"id-1", NodeHealth::Down}};
  });
  for (auto mood : {Mood::Obeys, Mood::Fails, Mood::Unreachable}) {
    world.gateway.becomes("lb-1", mood);
    poll();
    EXPECT_EQ(world.status(lb), LbStatus::Active);
    EXPECT_EQ(node(0), NodeStatus::Online);
  }
}

TEST_F(NodeWatchTest, ADeviceStillBeingAskedIsLeftOut) {
  world.gateway.becomes("lb-1", Mood::Hangs);
  poll();
  poll();
  EXPECT_EQ(world.gateway.hanging(), 1u);
  world.gateway.release(Mood::Unreachable);
  poll();
  EXPECT_EQ(world.gateway.hanging(), 1u) << "asked again";
}

TEST_F(NodeWatchTest, AfterAFailedCommitTheNextRoundStoresIt) {
  reports(0, NodeHealth::Down);
  watch.poll();
  world.step();
  world.store.failNext(1);
  world.settle();
  EXPECT_EQ(world.status(lb), LbStatus::Active);
  poll();
  EXPECT_EQ(world.status(lb), LbStatus::Degraded);
}

TEST_F(NodeWatchTest, WhatADeviceTellsAgainAndAgainIsJournalledOnce) {
  const auto told = [&](std::vector<std::string> events) {
    world.gateway.with("lb-1", [&](FakeGateway::Device& device) { device.events = events; });
    poll();
  };
  told({"09:00: one"});
  told({"09:00: one", "09:05: two"});
  told({});
  std::vector<std::string> texts;
  for (const auto& event : world.store.rows().events)
    if (event.kind == "device.repaired") texts.push_back(event.text);
  EXPECT_EQ(texts, (std::vector<std::string>{"09:00: one", "09:05: two"}));
}

TEST_F(NodeWatchTest, AnErrorSaysThatTheLoadBalancerFailed) {
  world.store.edit([&](MemoryRows& rows) { rows.load_balancers.at(lb).status = LbStatus::Error; });
  reports(0, NodeHealth::Down);
  poll();
  EXPECT_EQ(world.status(lb), LbStatus::Error);
  EXPECT_EQ(text(), "Load balancer has failed");
}

TEST_F(NodeWatchTest, AskedBeforeTheLeaseWasLostStoresNothing) {
  reports(0, NodeHealth::Down);
  watch.poll();
  world.step();
  world.losesItsLeases();
  world.settle();
  EXPECT_EQ(node(0), NodeStatus::Online);
  EXPECT_EQ(world.status(lb), LbStatus::Active);
}

TEST_F(NodeWatchTest, AsksNoneOfOthersDevices) {
  world.losesItsLeases();
  world.leases.campaign();
  reports(0, NodeHealth::Down);
  poll();
  EXPECT_EQ(node(0), NodeStatus::Online);
}

}  // namespace
}  // namespace libra::service
