#include "controller/service/healer.h"

#include <gtest/gtest.h>

#include <optional>

#include "tests/support/fake_provider.h"
#include "tests/unit/controller/service_world.h"

namespace libra::service {
namespace {

using namespace libra::model;
using namespace libra::test;

class HealerTest : public ::testing::Test {
 protected:
  HealerTest() {
    world.store.runTwice(true);
    for (int i = 1; i <= 20; ++i) world.addVip("10.77.9." + std::to_string(i));
    start();
  }
  void start() {
    healer = std::make_unique<Healer>(world.context(), provider, world.run(),
                                      Healer::Watcher{[this](const std::string& name) { return silent.contains(name); },
                                                      [this](const std::string& name) { return heard.contains(name); }},
                                      options);
  }
  // A load balancer at work on a device of its own.
  std::int64_t serving(const std::string& device, const RequestBuilder& request = aRequest()) {
    world.addSpare(device);
    const auto lb = *world.lbs().create(request);
    world.settle();
    EXPECT_EQ(world.status(lb.id), LbStatus::Active);
    return lb.id;
  }
  void lose(const std::string& device, LossReason reason = LossReason::Silence) {
    silent.insert(device);
    provider.add(device);
    world.gateway.becomes(device, World::Mood::Unreachable);
    healer->lost(device, reason, world.clock.monotonic() - Millis(200));
    world.settle();
  }
  void pass(int seconds) {
    for (int i = 0; i < seconds * 10; ++i) {
      world.clock.advance(Millis(100));
      healer->tick();
      world.settle();
    }
  }
  Device deviceOf(std::int64_t lb) { return world.device(world.lb(lb).device); }
  std::vector<std::string> events() {
    std::vector<std::string> kinds;
    for (const auto& event : world.store.rows().events) kinds.push_back(event.kind);
    return kinds;
  }
  bool happened(const std::string& kind) {
    const auto all = events();
    return std::find(all.begin(), all.end(), kind) != all.end();
  }

  World world;
  FakeProvider provider;
  Breaker::Options options;
  std::set<std::string> silent, heard;
  std::unique_ptr<Healer> healer;
};

TEST_F(HealerTest, ADeviceThatWasMeantToGoIsNotLost) {
  const auto lb = serving("one");
  ASSERT_TRUE(healer->toWatch());
  ASSERT_TRUE(world.lbs().remove("a", lb));
  world.settle();
  lose("one", LossReason::Refused);
  EXPECT_TRUE(provider.fenced().empty());
  EXPECT_TRUE(healer->sums().failovers.empty());
}

TEST_F(HealerTest, WhatALostDeviceCarriedGoesToASpareAndTheDeviceIsCutOff) {
  const auto lb = serving("one");
  const auto epoch = world.store.rows().vips.begin()->second.epoch;
  world.addSpare("two");
  lose("one");
  EXPECT_EQ(deviceOf(lb).name, "two");
  EXPECT_EQ(world.status(lb), LbStatus::Active);
  EXPECT_EQ(world.runs("two").virtual_ips.at(0).epoch, epoch + 1);
  EXPECT_EQ(provider.fenced(), std::set<std::string>{"one"});
  EXPECT_TRUE(happened("device.lost"));
  const auto sums = healer->sums();
  EXPECT_EQ(sums.failovers.at({LossReason::Silence, "moved"}), 1);
  EXPECT_EQ(sums.two_holders, 0);
}

// Another controller lives; what it says of devices is in the rows.
class HealerAndAnother : public HealerTest {
 protected:
  HealerAndAnother() {
    other.campaign();
    world.leases.campaign();
    one = serving("one");
    world.addSpare("two");
  }
  void says(bool lost) {
    world.store.edit([&](MemoryRows& rows) { rows.votes[{"one", "other"}] = lost; });
  }
  std::optional<bool> saidOf(const std::string& device) {
    const auto votes = world.store.rows().votes;
    const auto mine = votes.find({device, "world"});
    return mine == votes.end() ? std::nullopt : std::optional(mine->second);
  }

  LeaseKeeper other{world.store, world.clock, "other"};
  std::int64_t one = 0;
};

TEST_F(HealerAndAnother, ASilenceThatBothHearIsALoss) {
  lose("one");
  EXPECT_EQ(deviceOf(one).name, "one");
  EXPECT_EQ(saidOf("one"), true);
  says(true);
  world.clock.advance(Millis(10));
  healer->tick();
  world.settle();
  EXPECT_EQ(deviceOf(one).name, "two");
  pass(1);
  EXPECT_EQ(saidOf("one"), std::nullopt) << "nothing is asked any more";
}

TEST_F(HealerAndAnother, WhatTheOtherHearsStays) {
  lose("one");
  says(false);
  pass(8);
  EXPECT_EQ(deviceOf(one).name, "one");
  EXPECT_TRUE(provider.fenced().empty());
  EXPECT_EQ(healer->sums().failovers.at({LossReason::Silence, "outvoted"}), 1) << "told once";
  says(true);
  pass(1);
  EXPECT_EQ(deviceOf(one).name, "two");
}

TEST_F(HealerAndAnother, ARefusalNeedsNoVote) {
  says(false);
  lose("one", LossReason::Refused);
  EXPECT_EQ(deviceOf(one).name, "two");
}

TEST_F(HealerAndAnother, WhoDoesNotAnswerDelaysForASecond) {
  lose("one");
  pass(2);
  EXPECT_EQ(deviceOf(one).name, "two");
}

TEST_F(HealerAndAnother, ObjectsWhenTheOtherMissesWhatIsHeardHere) {
  heard.insert("one");
  says(true);
  pass(1);
  EXPECT_EQ(saidOf("one"), false);
  EXPECT_EQ(deviceOf(one).name, "one");
}

TEST_F(HealerTest, WithoutASpareItWaitsAndGoesOnByItself) {
  const auto lb = serving("one");
  lose("one");
  EXPECT_EQ(world.status(lb), LbStatus::Rebuilding);
  pass(600);
  EXPECT_EQ(world.status(lb), LbStatus::Rebuilding) << "it has no deadline";
  world.addSpare("two");
  pass(2);
  EXPECT_EQ(deviceOf(lb).name, "two");
  EXPECT_EQ(world.status(lb), LbStatus::Active);
}

TEST_F(HealerTest, ASpareIsForWhatWaitsBeforeItIsForANewLoadBalancer) {
  const auto lb = serving("one");
  lose("one");
  world.addSpare("two");
  EXPECT_FALSE(world.lbs().create(aRequest())) << "the only one";
  world.addSpare("three");
  EXPECT_TRUE(world.lbs().create(aRequest()));
  pass(2);
  EXPECT_EQ(deviceOf(lb).name, "two");
  EXPECT_EQ(world.status(lb), LbStatus::Active);
}

TEST_F(HealerTest, CreationsLookForWhatWaitsTenTimesASecond) {
  const auto lb = serving("one");
  LoadBalancers lbs(world.context());
  ASSERT_FALSE(lbs.create(aRequest())) << "no spare, and it looked: nothing waits";
  lose("one");
  world.clock.advance(Millis(101));
  world.addSpare("two");
  EXPECT_FALSE(lbs.create(aRequest())) << "it looks again";
  pass(2);
  EXPECT_EQ(deviceOf(lb).name, "two");
  world.addSpare("three");
  EXPECT_TRUE(lbs.create(aRequest())) << "nothing waits any more";
}

TEST_F(HealerTest, ASpareThatNothingThatWaitsCanUseIsForANewLoadBalancer) {
  serving("one", aRequest().on("GALERA"));
  lose("one");
  world.addSpare("plain", {"http", "round-robin", "monitor-connect"});
  EXPECT_TRUE(world.lbs().create(aRequest()));
}

TEST_F(HealerTest, ASpareThatCannotCarryItIsLeftToOthers) {
  const auto galera = serving("one", aRequest().on("GALERA"));
  const auto web = serving("two");
  lose("one");
  lose("two");
  world.addSpare("plain", {"http", "round-robin", "monitor-connect"});
  pass(2);
  EXPECT_EQ(deviceOf(web).name, "plain");
  EXPECT_EQ(world.status(galera), LbStatus::Rebuilding);
  const auto generation = deviceOf(galera).generation;
  world.addSpare("plain too", {"http", "round-robin", "monitor-connect"});
  pass(2);
  EXPECT_EQ(world.status(galera), LbStatus::Rebuilding);
  EXPECT_EQ(deviceOf(galera).generation, generation) << "nothing is tried in vain";
  world.addSpare("able", {"galera", "round-robin", "monitor-connect"});
  pass(2);
  EXPECT_EQ(deviceOf(galera).name, "able");
}

TEST_F(HealerTest, ThatWaitSurvivesTheController) {
  const auto lb = serving("one");
  lose("one");
  world.die();
  start();
  world.addSpare("two");
  pass(2);
  EXPECT_EQ(deviceOf(lb).name, "two");
}

TEST_F(HealerTest, ADeviceThatReturnsBeforeASpareComesServesAgain) {
  const auto lb = serving("one");
  lose("one");
  world.gateway.becomes("one", World::Mood::Obeys);
  silent.clear();
  world.pass(std::chrono::seconds(60));
  EXPECT_EQ(world.status(lb), LbStatus::Active);
  EXPECT_EQ(deviceOf(lb).name, "one");
}

TEST_F(HealerTest, OneThatIsHeardAgainBeforeItsTurnIsLeftAlone) {
  const auto lb = serving("one");
  world.addSpare("two");
  world.store.failNext(3);
  lose("one");
  EXPECT_EQ(deviceOf(lb).name, "one");
  silent.clear();
  pass(1);
  EXPECT_EQ(deviceOf(lb).name, "one");
}

TEST_F(HealerTest, AStoreThatCannotBeWrittenMovesNothingUntilItCan) {
  const auto lb = serving("one");
  world.addSpare("two");
  world.store.failNext(2);
  lose("one");
  EXPECT_EQ(deviceOf(lb).name, "one");
  pass(1);
  EXPECT_EQ(deviceOf(lb).name, "two");
}

TEST_F(HealerTest, ALostSpareIsNotGivenOutAndTakesNoTurn) {
  const auto spare = world.addSpare("one");
  lose("one");
  EXPECT_EQ(world.device(spare).status, DeviceStatus::Error);
  EXPECT_EQ(healer->sums().failovers.at({LossReason::Silence, "spare-lost"}), 1);
}

TEST_F(HealerTest, ManyAreMovedInOrderAtTheBreakersRateAndNoneIsForgotten) {
  options.free_moves = 3;
  start();
  std::vector<std::int64_t> lbs;
  for (int i = 0; i < 10; ++i) lbs.push_back(serving("old" + std::to_string(i)));
  for (int i = 0; i < 10; ++i) world.addSpare("new" + std::to_string(i));
  for (int i = 0; i < 10; ++i) lose("old" + std::to_string(i));
  const auto moved = [&] {
    return std::count_if(lbs.begin(), lbs.end(), [&](auto lb) { return deviceOf(lb).name.starts_with("new"); });
  };
  EXPECT_EQ(moved(), 3);
  const auto state = healer->breaker().state();
  EXPECT_TRUE(state.open);
  EXPECT_EQ(state.waiting, 7);
  EXPECT_EQ(state.reason, "3 devices failed over within 10 s");
  pass(1);
  EXPECT_EQ(moved(), 5);
  pass(5);
  EXPECT_EQ(moved(), 10);
  EXPECT_FALSE(healer->breaker().state().open);
}

TEST_F(HealerTest, ABreakerClosedByHandLetsAllGo) {
  options.free_moves = 1;
  options.pause = std::chrono::hours(1);
  start();
  const auto one = serving("one"), two = serving("two");
  world.addSpare("three"), world.addSpare("four");
  lose("one"), lose("two");
  EXPECT_NE(deviceOf(one).name, "one");
  EXPECT_EQ(deviceOf(two).name, "two");
  healer->breaker().closeByHand();
  pass(1);
  EXPECT_NE(deviceOf(two).name, "two");
}

TEST_F(HealerTest, TwoHoldersAreToldUntilTheOldOneIsKnownToHoldNone) {
  serving("one");
  world.addSpare("two");
  provider.cannotFence();
  lose("one");
  EXPECT_EQ(healer->sums().two_holders, 1);
  EXPECT_TRUE(happened("vip.two_holders"));
  healer->gaveUp("one");
  EXPECT_EQ(healer->sums().two_holders, 0);
}

TEST_F(HealerTest, WhoIsInTheListNoLongerIsNoSecondHolder) {
  const auto old = world.lb(serving("one")).device;
  world.addSpare("two");
  provider.cannotFence();
  lose("one");
  ASSERT_TRUE(healer->toWatch());
  EXPECT_EQ(healer->sums().two_holders, 1);
  world.store.edit([&](MemoryRows& rows) { rows.devices.erase(old); });
  ASSERT_TRUE(healer->toWatch());
  EXPECT_EQ(healer->sums().two_holders, 0);
}

TEST_F(HealerTest, AReturningDeviceIsToldWhichVipsAreNotItsOwn) {
  const auto lb = serving("one");
  const auto vip = world.store.rows().vips.begin()->second;
  EXPECT_TRUE(healer->strangersVips("one", {{vip.address, vip.epoch}})->empty());
  world.addSpare("two");
  lose("one");
  const auto strangers = healer->strangersVips("one", {{vip.address, vip.epoch}});
  ASSERT_EQ(strangers->size(), 1u);
  EXPECT_EQ(strangers->front().epoch, vip.epoch + 1);
  EXPECT_TRUE(healer->strangersVips(deviceOf(lb).name, {{vip.address, vip.epoch + 1}})->empty());
  EXPECT_EQ(healer->strangersVips("unknown", {{vip.address, vip.epoch}})->size(), 1u);
  EXPECT_TRUE(healer->strangersVips("one", {{*NetAddress::parse("192.0.2.1"), 1}})->empty()) << "no VIP of ours";
}

TEST_F(HealerTest, WatchesAllButTheDeleted) {
  serving("one");
  const auto gone = world.addSpare("two");
  world.store.edit([&](MemoryRows& rows) { rows.devices[gone].status = DeviceStatus::Deleted; });
  const auto watched = healer->toWatch();
  ASSERT_EQ(watched->size(), 1u);
  EXPECT_EQ(watched->front().name, "one");
  EXPECT_EQ(watched->front().address, "10.77.2.1");
}

TEST_F(HealerTest, AnothersDeviceIsLeftToItsHolderUntilTheLeaseIsOurs) {
  const auto lb = serving("one");
  world.addSpare("two");
  world.losesItsLeases();
  world.leases.campaign();
  lose("one");
  pass(5);
  EXPECT_EQ(deviceOf(lb).name, "one");
  EXPECT_TRUE(provider.fenced().empty());
  world.store.edit([](MemoryRows& rows) { rows.leases.clear(); });  // the other one died
  world.leases.campaign();
  pass(1);
  EXPECT_EQ(deviceOf(lb).name, "two");
}

TEST_F(HealerTest, AVerdictOfOneThatSleptThroughItsLeaseMovesNothing) {
  const auto lb = serving("one");
  world.addSpare("two");
  world.losesItsLeases();
  lose("one");
  EXPECT_EQ(deviceOf(lb).name, "one");
  EXPECT_EQ(world.device(world.lb(lb).device).status, DeviceStatus::Online);
  EXPECT_TRUE(provider.fenced().empty());
}

}  // namespace
}  // namespace libra::service
