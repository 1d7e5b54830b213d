#include "controller/service/health_monitors.h"

#include <gtest/gtest.h>

#include "tests/support/said.h"
#include "tests/unit/controller/service_world.h"

namespace libra::service {
namespace {

using namespace libra::model;
using namespace libra::test;

class HealthMonitorsTest : public ::testing::Test {
 protected:
  HealthMonitorsTest() {
    world.store.runTwice(true);
    world.addSpare("lb-1");
    world.addVip("10.77.9.1");
    lb = world.lbs().create(aRequest())->id;
    world.settle();
  }
  World world;
  std::int64_t lb = 0;
};

TEST_F(HealthMonitorsTest, TheDefaultHoldsUntilOneIsSet) {
  EXPECT_EQ(*world.monitors().find("a", lb), HealthMonitor{});
  const auto put = world.monitors().put("a", lb, aMonitor(MonitorType::Http, "/a b"));
  ASSERT_TRUE(put);
  EXPECT_EQ(put->path, "/a%20b");
  EXPECT_EQ(world.status(lb), LbStatus::PendingUpdate);
  world.settle();
  EXPECT_EQ(*world.monitors().find("a", lb), *put);
  const auto state = world.runs("lb-1").load_balancers[0].monitor;
  EXPECT_EQ(state.type, MonitorType::Http);
  EXPECT_EQ(state.path, "/a%20b");
  EXPECT_EQ(state.timeout.count(), 10);

  ASSERT_TRUE(world.monitors().reset("a", lb));
  EXPECT_EQ(*world.monitors().find("a", lb), HealthMonitor{}) << "at once";
  world.settle();
  EXPECT_EQ(world.runs("lb-1").load_balancers[0].monitor, protocol::MonitorState{});
  EXPECT_EQ(world.counter("api_healthmonitor_get"), 3);
  EXPECT_EQ(world.counter("api_healthmonitor_modify"), 1);
  EXPECT_EQ(world.counter("api_healthmonitor_delete"), 1);
}

TEST_F(HealthMonitorsTest, SettingIsRefusedInTheSpecsOrder) {
  EXPECT_EQ(said(world.monitors().put("b", lb, {})), "Load Balancer not found");
  ASSERT_TRUE(world.lbs().change("a", lb, {}));
  EXPECT_EQ(said(world.monitors().put("a", lb, aMonitor(MonitorType::Http))), "Path argument is required");
  const auto busy = "Cannot modify a Load Balancer in a non-ACTIVE state, current state: PENDING_UPDATE";
  EXPECT_EQ(said(world.monitors().put("a", lb, aMonitor())), busy);
  EXPECT_EQ(said(world.monitors().reset("a", lb)), busy);
  EXPECT_EQ(said(world.monitors().reset("b", lb)), "Load Balancer not found");
  EXPECT_EQ(said(world.monitors().find("b", lb)), "Load Balancer not found");
}

}  // namespace
}  // namespace libra::service
