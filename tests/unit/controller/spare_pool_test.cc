#include "controller/service/spare_pool.h"

#include <gtest/gtest.h>

#include "tests/support/fake_provider.h"
#include "tests/unit/controller/service_world.h"

namespace libra::service {
namespace {

using namespace libra::model;
using namespace libra::test;
using Mood = FakeGateway::Mood;
using std::chrono::seconds;

class SparePoolTest : public ::testing::Test {
 protected:
  explicit SparePoolTest(bool can_build = true) : provider(can_build) {
    world.store.runTwice(true);
    world.addVip("10.77.9.1");
    start();
  }
  void start() {
    options.parallel_builds = 2;
    pool = std::make_unique<SparePool>(world.context(), provider, world.gateway, world.run(), options);
  }
  void tick(seconds time = seconds(1)) {
    for (auto left = time; left.count() > 0; --left) {
      world.clock.advance(seconds(1));
      pool->tick();
      world.settle();
    }
  }
  std::vector<Device> devices(DeviceStatus status) {
    std::vector<Device> found;
    for (const auto& [id, device] : world.store.rows().devices)
      if (device.status == status) found.push_back(device);
    return found;
  }
  std::size_t spares() { return devices(DeviceStatus::Offline).size(); }

  World world;
  FakeProvider provider;
  SparePool::Options options;
  std::unique_ptr<SparePool> pool;
};

TEST_F(SparePoolTest, IsFilledAndNotMore) {
  tick(seconds(5));
  EXPECT_EQ(spares(), 3u);
  EXPECT_EQ(provider.builds(), 3);
  const auto state = pool->state();
  EXPECT_EQ(state.wanted, 3);
  EXPECT_EQ(state.spares, 3);
  EXPECT_EQ(state.building, 0);
  EXPECT_EQ(state.free_vips, 1);
  EXPECT_EQ(world.counter("devices_built"), 3);
}

TEST_F(SparePoolTest, BuildsNoMoreThanAllowedAtOnce) {
  pool->tick();
  world.step();
  EXPECT_EQ(pool->state().building, 2);
}

TEST_F(SparePoolTest, ATakenSpareIsReplaced) {
  tick(seconds(5));
  ASSERT_TRUE(world.lbs().create(aRequest()));
  world.settle();
  EXPECT_EQ(spares(), 2u);
  tick(seconds(2));
  EXPECT_EQ(spares(), 3u);
}

TEST_F(SparePoolTest, ARetiredDeviceIsDestroyedWithItsRow) {
  tick(seconds(5));
  const auto lb = world.lbs().create(aRequest());
  world.settle();
  ASSERT_TRUE(world.lbs().remove("a", lb->id));
  world.settle();
  const auto retired = devices(DeviceStatus::Deleted);
  ASSERT_EQ(retired.size(), 1u);
  tick();
  EXPECT_TRUE(devices(DeviceStatus::Deleted).empty());
  EXPECT_FALSE(provider.machines().contains(retired[0].name));
  EXPECT_EQ(world.counter("devices_deleted"), 1);
}

TEST_F(SparePoolTest, ADeviceThatCouldNotBeToldLosesItsVipWhenItIsDestroyed) {
  tick(seconds(5));
  const auto lb = world.lbs().create(aRequest());
  world.settle();
  const auto device = world.device(lb->device);
  world.gateway.becomes(device.name, Mood::Unreachable);
  ASSERT_TRUE(world.lbs().remove("a", lb->id));
  world.pass(seconds(121));
  provider.failNext(1);
  tick();
  EXPECT_EQ(world.store.rows().vips.begin()->second.device, device.id) << "the provider could not destroy it";
  tick(seconds(3));
  EXPECT_FALSE(provider.machines().contains(device.name));
  const auto vip = world.store.rows().vips.begin()->second;
  EXPECT_EQ(vip.device, 0);
  EXPECT_GT(vip.free_from, world.clock.now());
}

TEST_F(SparePoolTest, AFailedDeviceGoesWithItsLastLoadBalancer) {
  tick(seconds(5));
  const auto lb = world.lbs().create(aRequest());
  world.settle();
  world.store.edit([&](MemoryRows& rows) { rows.devices.at(lb->device).status = DeviceStatus::Error; });
  tick(seconds(2));
  EXPECT_EQ(devices(DeviceStatus::Error).size(), 1u) << "it still carries one";
  world.store.edit([&](MemoryRows& rows) { rows.load_balancers.at(lb->id).device = 0; });
  tick(seconds(2));
  EXPECT_TRUE(devices(DeviceStatus::Error).empty());
  EXPECT_TRUE(devices(DeviceStatus::Deleted).empty());
}

TEST_F(SparePoolTest, AFailingProviderIsNotHurriedAndSaysWhy) {
  provider.failNext(1000);
  tick(seconds(60));
  EXPECT_LT(provider.builds(), 60);
  EXPECT_GE(provider.builds(), 4);
  EXPECT_NE(pool->state().last_error.find("no quota"), std::string::npos);
  provider.failNext(0);
  tick(seconds(65));
  EXPECT_EQ(spares(), 3u);
  EXPECT_EQ(pool->state().last_error, "");
}

TEST_F(SparePoolTest, OfBuildsThatFailTogetherOneCounts) {
  options.parallel_builds = 3;
  pool = std::make_unique<SparePool>(world.context(), provider, world.gateway, world.run(), options);
  provider.failNext(12);  // two rounds of builds, and what destroys their remains
  tick(seconds(5));
  EXPECT_EQ(spares(), 3u);
}

TEST_F(SparePoolTest, AMachineThatDoesNotAnswerIsDestroyed) {
  pool->tick();
  world.step();  // reads and plans
  world.step();  // one is built
  const auto name = *provider.machines().begin();
  EXPECT_EQ(spares(), 0u);
  world.die();  // the answer to its question is lost with this controller
  start();
  tick(seconds(5));
  EXPECT_EQ(spares(), 3u);
  EXPECT_TRUE(provider.machines().contains(name)) << "another controller might be building it";
  tick(seconds(320));
  EXPECT_FALSE(provider.machines().contains(name));
  EXPECT_EQ(provider.machines().size(), 3u);
}

TEST_F(SparePoolTest, AStoreThatFailsOnceLosesNoMachine) {
  pool->tick();
  for (int i = 0; i < 30; ++i) {
    if (i % 3 == 2) world.store.failNext(1);
    if (!world.step()) pool->tick();
  }
  world.store.failNext(0);
  tick(seconds(10));
  EXPECT_EQ(spares(), 3u);
  EXPECT_EQ(provider.machines().size(), 3u);
}

TEST_F(SparePoolTest, MachinesThatStaySilentAreDestroyed) {
  world.gateway.othersBecome(Mood::Unreachable);
  tick(seconds(100));
  EXPECT_EQ(spares(), 0u);
  EXPECT_GE(world.counter("devices_bad_built"), 2);
  EXPECT_LE(provider.machines().size(), 2u) << "only those still being asked";
  EXPECT_EQ(pool->state().last_error, "it does not answer");
}

TEST_F(SparePoolTest, HoldsTheNumberInEachZoneSpreadOverItsHostGroups) {
  options.wanted = {.spares = 2, .zones = {"a", "b"}, .host_groups = {"r1", "r2"}};
  start();
  tick(seconds(5));
  std::multiset<std::string> places;
  for (const auto& device : devices(DeviceStatus::Offline)) places.insert(device.zone + device.host_group);
  EXPECT_EQ(places, (std::multiset<std::string>{"ar1", "ar2", "br1", "br2"}));
  EXPECT_EQ(pool->state().wanted, 4);
  world.store.edit([](MemoryRows& rows) {
    std::erase_if(rows.devices,
                  [](const auto& row) { return row.second.zone == "b" && row.second.host_group == "r1"; });
  });
  tick(seconds(2));
  const auto now = devices(DeviceStatus::Offline);
  EXPECT_EQ(std::count_if(now.begin(), now.end(), [](auto& d) { return d.zone == "b" && d.host_group == "r1"; }), 1);
}

TEST_F(SparePoolTest, ASpareWhoseMachineIsGoneIsReplaced) {
  tick(seconds(5));
  const auto gone = devices(DeviceStatus::Offline).at(0);
  provider.vanish(gone.name);
  tick(seconds(8));
  EXPECT_EQ(world.device(gone.id).status, DeviceStatus::Offline) << "one list may be wrong";
  tick(seconds(15));
  EXPECT_FALSE(world.store.rows().devices.contains(gone.id));
  EXPECT_EQ(spares(), 3u);
  EXPECT_EQ(provider.machines().size(), 3u);
}

TEST_F(SparePoolTest, ADeviceAtWorkIsNotJudgedByAList) {
  tick(seconds(5));
  const auto lb = world.lbs().create(aRequest());
  world.settle();
  provider.vanish(world.device(lb->device).name);
  tick(seconds(40));
  EXPECT_EQ(world.device(lb->device).status, DeviceStatus::Online);
}

// Devices that say they can check themselves.
class CheckedPool : public SparePoolTest {
 protected:
  const std::vector<std::string> kAble{"http", "round-robin", "monitor-connect", std::string(kSelfCheck)};

  void become(const std::string& name, bool sound) {
    world.gateway.with(name, [&](FakeGateway::Device& device) { device.sound = sound; });
  }
  void SetUp() override {
    options.checks.every = seconds(10);
    options.checks.again = seconds(2);
    world.gateway.othersTell(kAble);
    start();
    tick(seconds(5));
    ASSERT_EQ(spares(), 3u);
  }
};

TEST_F(CheckedPool, AMachineThatAnswersButCarriesNothingIsNoSpare) {
  world.gateway.othersTell(kAble, false);
  world.store.edit([](MemoryRows& rows) { rows.devices.begin()->second.status = DeviceStatus::Deleted; });
  tick(seconds(40));
  EXPECT_EQ(spares(), 2u);
  EXPECT_GE(world.counter("devices_bad_built"), 1);
  EXPECT_EQ(pool->state().last_error, "The proxy carries no request");
}

TEST_F(CheckedPool, AProxyThatIsOnlyStartingIsGivenTime) {
  world.gateway.othersTell(kAble, false);
  world.store.edit([](MemoryRows& rows) { rows.devices.begin()->second.status = DeviceStatus::Deleted; });
  tick(seconds(5));
  EXPECT_EQ(spares(), 2u);
  for (const auto& machine : provider.machines()) become(machine, true);
  tick(seconds(2));
  EXPECT_EQ(spares(), 3u);
  EXPECT_EQ(world.counter("devices_bad_built"), 0);
}

TEST_F(CheckedPool, AProxyThatStartsIsAskedSoonAgain) {
  world.gateway.othersTell(kAble, false);
  world.store.edit([](MemoryRows& rows) { rows.devices.begin()->second.status = DeviceStatus::Deleted; });
  pool->tick();
  for (int step = 0; step < 4; ++step) world.step();
  const auto since = world.clock.monotonic();
  for (const auto& machine : provider.machines()) become(machine, true);
  world.settle();
  EXPECT_EQ(spares(), 3u) << "without another look of the pool";
  EXPECT_LE(world.clock.monotonic() - since, Millis(200));
}

TEST_F(CheckedPool, ASpareThatCarriesNothingAnyMoreIsReplaced) {
  const auto bad = devices(DeviceStatus::Offline).at(0);
  become(bad.name, false);
  tick(seconds(20));
  EXPECT_FALSE(world.store.rows().devices.contains(bad.id));
  EXPECT_FALSE(provider.machines().contains(bad.name));
  EXPECT_EQ(spares(), 3u);
  const auto events = world.store.rows().events;
  EXPECT_TRUE(std::any_of(events.begin(), events.end(), [](auto& event) { return event.kind == "device.bad"; }));
}

TEST_F(CheckedPool, OneFailureIsNoVerdict) {
  const auto one = devices(DeviceStatus::Offline).at(0);
  become(one.name, false);
  while (world.gateway.device(one.name).checks < 2) tick();  // the first was on its arrival
  become(one.name, true);
  tick(seconds(30));
  EXPECT_EQ(world.device(one.id).status, DeviceStatus::Offline);
}

TEST_F(CheckedPool, ASilentSpareIsReplacedButNotAllOfThemAtOnce) {
  const auto all = devices(DeviceStatus::Offline);
  for (const auto& each : all) world.gateway.becomes(each.name, Mood::Unreachable);
  tick(seconds(60));
  EXPECT_EQ(spares(), 3u) << "it is the way to them that is gone";
  for (std::size_t i = 1; i < all.size(); ++i) world.gateway.becomes(all[i].name, Mood::Obeys);
  tick(seconds(120));
  EXPECT_FALSE(world.store.rows().devices.contains(all[0].id));
  EXPECT_TRUE(world.store.rows().devices.contains(all[1].id));
  EXPECT_EQ(spares(), 3u);
}

TEST_F(CheckedPool, ADeviceThatWasTakenMeanwhileIsLeftAlone) {
  const auto lb = world.lbs().create(aRequest());
  world.settle();
  become(world.device(lb->device).name, false);
  tick(seconds(60));
  EXPECT_EQ(world.device(lb->device).status, DeviceStatus::Online);
}

TEST_F(SparePoolTest, AMachineMadeUnderALostLeaseIsNoSpare) {
  pool->tick();
  world.step();
  world.losesItsLeases();
  world.settle();
  EXPECT_EQ(spares(), 0u);
  EXPECT_TRUE(provider.machines().empty()) << "whoever made it destroys it";
}

TEST_F(SparePoolTest, ARetiredDeviceKeepsItsRowUnderALostLease) {
  tick(seconds(5));
  world.store.edit([](MemoryRows& rows) { rows.devices.begin()->second.status = DeviceStatus::Deleted; });
  world.losesItsLeases();
  pool->tick();
  world.settle();
  EXPECT_EQ(devices(DeviceStatus::Deleted).size(), 1u);
}

TEST_F(SparePoolTest, WithoutTheLeaseItOnlyCounts) {
  tick(seconds(5));
  world.losesItsLeases();
  world.leases.campaign();
  world.store.edit([](MemoryRows& rows) { rows.devices.erase(rows.devices.begin()); });
  tick(seconds(5));
  EXPECT_EQ(pool->state().spares, 2);
  EXPECT_EQ(provider.builds(), 3);
}

class StaticPool : public SparePoolTest {
 protected:
  StaticPool() : SparePoolTest(false) {}
};

TEST_F(StaticPool, HoldsWhatTheProviderLists) {
  for (auto name : {"dev-1", "dev-2", "dev-3", "dev-4"}) provider.add(name);
  world.gateway.with("dev-1", [](FakeGateway::Device& device) {
    device.discovered.driver = "nginx";
    device.discovered.capabilities = {"http", "tcp"};
  });
  world.gateway.becomes("dev-2", Mood::Unreachable);
  tick(seconds(5));
  EXPECT_EQ(spares(), 3u);
  EXPECT_EQ(devices(DeviceStatus::Offline)[0].driver, "nginx");
  EXPECT_EQ(devices(DeviceStatus::Offline)[0].capabilities, (std::vector<std::string>{"http", "tcp"}));
  world.gateway.becomes("dev-2", Mood::Obeys);
  tick(seconds(60));
  EXPECT_EQ(spares(), 4u);
}

TEST_F(StaticPool, TakesAMachineBackAfterUse) {
  provider.add("dev-1");
  tick(seconds(2));
  const auto lb = world.lbs().create(aRequest());
  ASSERT_TRUE(lb);
  world.settle();
  ASSERT_TRUE(world.lbs().remove("a", lb->id));
  world.settle();
  tick(seconds(70));
  ASSERT_EQ(spares(), 1u);
  const auto again = world.lbs().create(aRequest());
  ASSERT_TRUE(again);
  world.pass(seconds(2));
  EXPECT_EQ(world.status(again->id), LbStatus::Active) << "its generation goes on from its earlier life";
}

}  // namespace
}  // namespace libra::service
