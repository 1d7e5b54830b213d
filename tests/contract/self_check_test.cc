// What a spare does when it is asked whether it would carry a request, with every real proxy.

#include "sidecar/self_check.h"

#include <gtest/gtest.h>

#include "tests/support/comparable.h"
#include "tests/support/device_states.h"
#include "tests/support/driver_world.h"
#include "tests/support/lab.h"
#include "tests/support/said.h"

namespace libra::test {
namespace {

class SelfCheck : public testing::TestWithParam<DriverWorldKind> {
 protected:
  void expectEmpty() {
    const auto live = world_->driver().live();
    ASSERT_TRUE(live) << live.error().detail;
    EXPECT_TRUE(live->load_balancers.empty());
  }

  // To the proxy and its workers.
  void signal(const std::string& name) const {
    const auto pid = std::to_string(world_->process());
    shell("kill -" + name + " " + pid + " $(cat /proc/" + pid + "/task/" + pid + "/children)");
  }

  std::unique_ptr<DriverWorld> world_ = GetParam().make();
};

TEST_P(SelfCheck, ARequestGoesThroughAndLeavesNothingBehind) {
  for (int i = 0; i < 3; ++i) {
    const auto carried = sidecar::checkItself(world_->driver(), aDevice(0, {}));
    EXPECT_TRUE(carried) << carried.error().message << ": " << carried.error().detail;
    expectEmpty();
  }
  const auto wanted = aDevice(1, {aBalancer("15", world_->port(0), {aNode("501", 9)})});
  EXPECT_TRUE(world_->driver().apply(wanted)) << "it can be used afterwards";
}

TEST_P(SelfCheck, AProxyThatHangsDoesNotPass) {
  ASSERT_TRUE(sidecar::checkItself(world_->driver(), aDevice(0, {})));
  signal("STOP");
  EXPECT_FALSE(sidecar::checkItself(world_->driver(), aDevice(0, {})));
  signal("CONT");
}

INSTANTIATE_TEST_SUITE_P(Drivers, SelfCheck, testing::ValuesIn(driverWorlds()), testing::PrintToStringParamName());

}  // namespace
}  // namespace libra::test
