#include "controller/service/fencing.h"

#include <gtest/gtest.h>

#include "tests/support/fake_provider.h"
#include "tests/unit/controller/service_world.h"

namespace libra::service {
namespace {

using namespace libra::model;
using namespace libra::test;

// Device "one" was replaced by "two", which has its VIP now; nobody can cut it off.
class FencingTest : public ::testing::Test {
 protected:
  FencingTest() {
    world.addVip("10.77.9.1");
    two = world.addSpare("two");
    EXPECT_TRUE(world.lbs().create(aRequest()));
    world.settle();
    one = world.addSpare("one");
    provider.cannotFence();
  }
  void cutOff(Fencing& by) { by.cutOff(world.device(one), world.device(two)); }
  bool isTold() {
    const auto rows = world.store.rows();
    return std::ranges::any_of(rows.events, [](const auto& event) { return event.kind == "vip.two_holders"; });
  }

  World world;
  FakeProvider provider;
  Fencing fencing{world.context(), provider};
  std::int64_t one = 0, two = 0;
};

TEST_F(FencingTest, WhoLostItsLeaseMeanwhileWritesNothingOfTwoHolders) {
  world.losesItsLeases();
  cutOff(fencing);
  EXPECT_FALSE(isTold());
  EXPECT_EQ(fencing.twoHolders(), 1);
}

TEST_F(FencingTest, WhoGivesUpWhileItIsBeingCutOffHoldsNothing) {
  provider.whenAskedToFence([&] { fencing.gaveUp("one"); });
  cutOff(fencing);
  EXPECT_TRUE(isTold());
  EXPECT_EQ(fencing.twoHolders(), 0);
}

TEST_F(FencingTest, WhoIsDestroyedHoldsNothingAnyMore) {
  cutOff(fencing);
  auto deleted = world.device(one);
  deleted.status = DeviceStatus::Deleted;
  fencing.forgetDestroyed({deleted, world.device(two)});
  EXPECT_EQ(fencing.twoHolders(), 1) << "it is still to be destroyed";
  fencing.forgetDestroyed({world.device(two)});
  EXPECT_EQ(fencing.twoHolders(), 0);
}

TEST_F(FencingTest, AMachineThatNobodyCanDestroyMayHoldItsVipsWithoutARow) {
  FakeProvider cannot_build(false);
  cannot_build.cannotFence();
  Fencing by(world.context(), cannot_build);
  cutOff(by);
  by.forgetDestroyed({world.device(two)});
  EXPECT_EQ(by.twoHolders(), 1);
  by.gaveUp("one");
  EXPECT_EQ(by.twoHolders(), 0);
}

}  // namespace
}  // namespace libra::service
