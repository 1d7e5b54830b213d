#include "controller/service/placement.h"

#include <gtest/gtest.h>

#include "controller/service/failover.h"
#include "tests/support/said.h"
#include "tests/unit/controller/service_world.h"

namespace libra::service {
namespace {

using namespace libra::model;
using namespace libra::test;

// What a load balancer asks decides which device it comes to, stays on and moves to.
class PlacementTest : public ::testing::Test {
 protected:
  PlacementTest() {
    world.store.runTwice(true);
    for (int i = 1; i <= 4; ++i) world.addVip("10.77.9." + std::to_string(i));
  }
  LoadBalancer create(const LoadBalancerRequest& request) {
    auto made = world.lbs().create(request);
    EXPECT_TRUE(made) << said(made);
    world.settle();
    return *std::move(made);
  }
  std::string deviceOf(const LoadBalancer& lb) { return world.device(world.lb(lb.id).device).name; }

  const std::vector<std::string> kPlain{"http", "tcp", "round-robin", "monitor-connect"};
  const std::vector<std::string> kAble{
      "http", "tcp", "galera", "round-robin", "least-connections", "monitor-http", "monitor-connect"};
  World world;
};

TEST_F(PlacementTest, ANewOneComesToASpareThatCanCarryIt) {
  world.addSpare("plain", kPlain);
  world.addSpare("able", kAble);
  EXPECT_EQ(deviceOf(create(aRequest().on("GALERA"))), "able");
  EXPECT_EQ(deviceOf(create(aRequest())), "plain");
}

TEST_F(PlacementTest, WithoutSuchASpareNoneIsTaken) {
  const auto plain = world.addSpare("plain", kPlain);
  const auto refused = world.lbs().create(aRequest().on("GALERA"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "No devices available");
  EXPECT_EQ(world.device(plain).status, DeviceStatus::Offline);
}

TEST_F(PlacementTest, WhatTheDeviceCannotIsRefusedWithTheReason) {
  world.addSpare("plain", kPlain);
  const auto lb = create(aRequest());
  LoadBalancerChange change;
  change.algorithm = Algorithm::LeastConnections;
  MonitorRequest monitor;
  monitor.type = MonitorType::Http;
  monitor.delay = monitor.timeout = 10;
  monitor.attempts = 2;
  monitor.path = "/";

  const std::string reason = "The device of this load balancer cannot carry it so: it has no ";
  EXPECT_EQ(said(world.lbs().change("a", lb.id, change)), reason + "least-connections");
  EXPECT_EQ(said(world.monitors().put("a", lb.id, monitor)), reason + "monitor-http");
  EXPECT_EQ(said(world.lbs().create(aRequest().on("GALERA").sharing(lb.virtual_ip->id))), reason + "galera");

  EXPECT_EQ(world.status(lb.id), LbStatus::Active);
  EXPECT_EQ(world.device(world.lb(lb.id).device).generation, 1u) << "no trace is left";
  EXPECT_TRUE(world.lbs().create(aRequest().on("TCP").sharing(lb.virtual_ip->id)));
}

TEST_F(PlacementTest, WhatADeviceCarriesMovesTogetherOrNotAtAll) {
  world.addSpare("able", kAble);
  const auto web = create(aRequest());
  const auto galera = create(aRequest().on("GALERA").sharing(web.virtual_ip->id));
  world.addSpare("plain", kPlain);
  Failover failover(world.context());
  EXPECT_FALSE(failover.rebuild(world.lb(web.id).device));
  EXPECT_EQ(deviceOf(web), "able");

  world.addSpare("able too", kAble);
  ASSERT_TRUE(failover.rebuild(world.lb(web.id).device));
  EXPECT_EQ(deviceOf(web), "able too");
  EXPECT_EQ(deviceOf(galera), "able too");
}

TEST_F(PlacementTest, WhatIsBeingDeletedAsksNothing) {
  LoadBalancer web, galera;
  galera.protocol = Protocol::Galera;
  galera.status = LbStatus::PendingDelete;
  EXPECT_EQ(needsOf({web, galera}), (std::vector<std::string>{"http", "round-robin", "monitor-connect"}));
}

}  // namespace
}  // namespace libra::service
