#include "controller/service/failover.h"

#include <gtest/gtest.h>

#include "tests/support/said.h"
#include "tests/unit/controller/service_world.h"

namespace libra::service {
namespace {

using namespace libra::model;
using namespace libra::test;

// Everything a device carries goes to a spare, in order when it is drained.
class DrainTest : public ::testing::Test {
 protected:
  DrainTest() {
    world.store.runTwice(true);
    world.addVip("10.77.9.1");
    old = world.addSpare("old");
    lb = world.lbs().create(aRequest())->id;
    world.settle();
  }
  std::int64_t add(const std::string& name, const std::string& zone, const std::string& group) {
    auto device = aDevice(name);
    device.zone = zone, device.host_group = group;
    return *world.store.transact(
        [&](Txn& txn) -> Result<std::int64_t> { return txn.devices().insert(device, world.clock.now()); });
  }
  std::string holder() { return world.device(world.lb(lb).device).name; }
  std::size_t vipsOf(const std::string& device) { return world.runs(device).virtual_ips.size(); }

  World world;
  Failover failover{world.context()};
  std::int64_t old = 0, lb = 0;
};

TEST_F(DrainTest, TheOldDeviceServesUntilTheNewOneDoes) {
  const auto spare = world.addSpare("new");
  world.gateway.becomes("new", World::Mood::Hangs);
  ASSERT_TRUE(failover.drain(old));
  world.settle();
  world.pass(std::chrono::seconds(5));
  EXPECT_EQ(world.status(lb), LbStatus::PendingUpdate);
  EXPECT_EQ(vipsOf("old"), 1u) << "clients have only it";
  world.gateway.release(World::Mood::Obeys);
  world.settle();
  EXPECT_EQ(world.status(lb), LbStatus::Active);
  EXPECT_EQ(world.device(spare).status, DeviceStatus::Online);
  EXPECT_EQ(vipsOf("new"), 1u);
  EXPECT_EQ(vipsOf("old"), 0u);
  EXPECT_EQ(world.device(old).status, DeviceStatus::Deleted) << "devices are single use";
}

TEST_F(DrainTest, IsFinishedAfterTheControllerDied) {
  world.addSpare("new");
  ASSERT_TRUE(failover.drain(old));
  world.die();
  world.pass(std::chrono::seconds(3));
  EXPECT_EQ(world.status(lb), LbStatus::Active);
  EXPECT_EQ(holder(), "new");
  EXPECT_EQ(world.device(old).status, DeviceStatus::Deleted);
}

TEST_F(DrainTest, ASpareThatNeverComesUpDoesNotKeepTheOldOneForEver) {
  world.addSpare("new");
  world.gateway.becomes("new", World::Mood::Unreachable);
  ASSERT_TRUE(failover.drain(old));
  world.pass(std::chrono::seconds(29));
  EXPECT_EQ(vipsOf("old"), 1u);
  world.pass(std::chrono::seconds(3));
  EXPECT_EQ(vipsOf("old"), 0u);
}

TEST_F(DrainTest, GoesIntoTheSameZoneButNotTheSameHostGroup) {
  world.store.edit([&](MemoryRows& rows) { rows.devices.at(old).zone = "a", rows.devices.at(old).host_group = "r1"; });
  add("elsewhere", "b", "r7"), add("beside", "a", "r1"), add("apart", "a", "r2");
  ASSERT_TRUE(failover.drain(old));
  EXPECT_EQ(holder(), "apart");
}

TEST_F(DrainTest, ToTheSpareThatIsNamedOrNotAtAll) {
  world.addSpare("first");
  const auto second = world.addSpare("second");
  EXPECT_EQ(said(failover.drain(old, old)),
            "Device " + std::to_string(old) + " is no spare that can carry what is on device " + std::to_string(old));
  EXPECT_EQ(world.status(lb), LbStatus::Active);
  ASSERT_TRUE(failover.drain(old, second));
  EXPECT_EQ(holder(), "second");
}

TEST_F(DrainTest, WithoutASpareNothingChanges) {
  const auto before = world.device(old);
  EXPECT_EQ(said(failover.drain(old)), "No spare can carry what is on device " + std::to_string(old));
  EXPECT_EQ(world.device(old).generation, before.generation);
  EXPECT_EQ(said(failover.drain(999)), "Device 999 not found");
  const auto spare = world.addSpare("new");
  EXPECT_EQ(said(failover.drain(spare)), "Device " + std::to_string(spare) + " carries no load balancer");
}

}  // namespace
}  // namespace libra::service
