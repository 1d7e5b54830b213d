#include "tests/contract/store/rows.h"

namespace libra::test::rows {

TEST_P(StoreContract, ADeviceIsFoundAsItWasInserted) {
  model::NewDevice fresh;
  fresh.name = "lb-1";
  fresh.address = "fd77::2:1";
  fresh.zone = "north";
  fresh.host_group = "rack 4";
  fresh.driver = "haproxy";
  fresh.capabilities = {"http", "tcp"};
  fresh.provider_id = "i-1";
  const auto id = in([&](Txn& txn) { return txn.devices().insert(fresh, kNow); });
  const auto found = device(id);
  EXPECT_EQ(found.id, id);
  EXPECT_EQ(found.name, "lb-1");
  EXPECT_EQ(found.address, "fd77::2:1");
  EXPECT_EQ(found.zone, "north");
  EXPECT_EQ(found.host_group, "rack 4");
  EXPECT_EQ(found.driver, "haproxy");
  EXPECT_THAT(found.capabilities, ElementsAre("http", "tcp"));
  EXPECT_EQ(found.provider_id, "i-1");
  EXPECT_EQ(found.status, DeviceStatus::Offline);
  EXPECT_EQ(found.generation, 0u);
  EXPECT_EQ(found.applied_generation, 0u);
  EXPECT_EQ(found.attempts, 0);
  EXPECT_EQ(found.next_due, Time{});
  EXPECT_EQ(found.last_error, "");
  EXPECT_EQ(found.created, kNow);
  run([&](Txn& txn) {
    EXPECT_EQ(txn.devices().findByName("lb-1")->id, id);
    EXPECT_FALSE(txn.devices().findByName("LB-1"));
    EXPECT_FALSE(txn.devices().find(id + 1));
  });
}

TEST_P(StoreContract, ADeviceWithoutCapabilitiesHasNone) {
  EXPECT_THAT(device(addDevice("d")).capabilities, IsEmpty());
}

TEST_P(StoreContract, DevicesAreListedAndCountedByStatus) {
  const auto one = addDevice("one"), two = addDevice("two"), three = addDevice("three");
  run([&](Txn& txn) {
    auto& devices = txn.devices();
    EXPECT_TRUE(devices.setStatus(two, DeviceStatus::Offline, DeviceStatus::Online));
    EXPECT_THAT(idsOf(devices.list()), ElementsAre(one, two, three));
    EXPECT_THAT(idsOf(devices.withStatus(DeviceStatus::Offline, 10)), ElementsAre(one, three));
    EXPECT_THAT(idsOf(devices.withStatus(DeviceStatus::Offline, 1)), ElementsAre(one));
    EXPECT_THAT(devices.counts(), UnorderedElementsAre(Pair(DeviceStatus::Offline, 2), Pair(DeviceStatus::Online, 1)));
  });
}

TEST_P(StoreContract, ADevicesStatusIsACompareAndSet) {
  const auto id = addDevice("d");
  run([&](Txn& txn) {
    EXPECT_FALSE(txn.devices().setStatus(id, DeviceStatus::Online, DeviceStatus::Error));
    EXPECT_TRUE(txn.devices().setStatus(id, DeviceStatus::Offline, DeviceStatus::Deleted));
    EXPECT_FALSE(txn.devices().setStatus(id, DeviceStatus::Offline, DeviceStatus::Deleted));
  });
  EXPECT_EQ(device(id).status, DeviceStatus::Deleted);
}

TEST_P(StoreContract, WhatIsPostponedIsDueWhenTheOtherIsReadyOrItsTimeIsUp) {
  const auto old = addDevice("old"), target = addDevice("target"), bystander = addDevice("bystander");
  const auto due = [&](Time now) { return in([&](Txn& txn) { return txn.devices().due(now, 9, model::kAllShards); }); };
  run([&](Txn& txn) {
    txn.devices().raiseGeneration(old);
    txn.devices().postpone(old, target, kNow + std::chrono::seconds(30));
  });
  EXPECT_TRUE(due(kNow).empty());
  EXPECT_EQ(due(kNow + std::chrono::seconds(30)), std::vector{old});
  EXPECT_EQ(in([&](Txn& txn) { return txn.devices().find(old); })->waits_for, target);
  EXPECT_TRUE(in([&](Txn& txn) { return txn.devices().endPostponed(bystander); }).empty());
  EXPECT_EQ(in([&](Txn& txn) { return txn.devices().endPostponed(target); }), std::vector{old});
  EXPECT_EQ(due(kNow), std::vector{old});
  EXPECT_TRUE(in([&](Txn& txn) { return txn.devices().endPostponed(target); }).empty());
}

TEST_P(StoreContract, GenerationsRiseAndLeap) {
  const auto id = addDevice("d");
  run([&](Txn& txn) {
    EXPECT_EQ(txn.devices().raiseGeneration(id), 1u);
    EXPECT_EQ(txn.devices().raiseGeneration(id), 2u);
    EXPECT_EQ(txn.devices().raiseGeneration(id, 40), 41u);
    EXPECT_EQ(txn.devices().raiseGeneration(id, 7), 42u);
  });
  EXPECT_EQ(device(id).generation, 42u);
}

TEST_P(StoreContract, AppliedGenerationsOnlyStepForward) {
  const auto id = addDevice("d");
  run([&](Txn& txn) {
    auto& devices = txn.devices();
    for (int i = 0; i < 3; ++i) devices.raiseGeneration(id);
    devices.recordFailure(id, 3, "no answer", kNow);
    EXPECT_TRUE(devices.markApplied(id, 2, DeviceStatus::Build));
    EXPECT_EQ(devices.find(id)->attempts, 1) << "the newest is still failing";
    EXPECT_FALSE(devices.markApplied(id, 2, DeviceStatus::Build));
    EXPECT_FALSE(devices.markApplied(id, 1, DeviceStatus::Error));
    EXPECT_TRUE(devices.markApplied(id, 3, DeviceStatus::Online));
  });
  EXPECT_EQ(device(id).applied_generation, 3u);
  EXPECT_EQ(device(id).status, DeviceStatus::Online) << "moved along with it";
  EXPECT_EQ(device(id).attempts, 0);
  EXPECT_EQ(device(id).last_error, "");
}

TEST_P(StoreContract, WhoLocksADeviceReadsWhatTheLastOneWrote) {
  constexpr int kThreads = 4, kSteps = 10;
  const auto id = addDevice("d");
  inParallel(kThreads, [&](int) {
    for (int i = 0; i < kSteps; ++i)
      run([&](Txn& txn) {
        const auto last = txn.devices().lock(id)->applied_generation;
        EXPECT_TRUE(txn.devices().markApplied(id, last + 1, DeviceStatus::Offline));
      });
  });
  EXPECT_EQ(device(id).applied_generation, std::uint64_t{kThreads * kSteps});
  EXPECT_FALSE(in([&](Txn& txn) { return txn.devices().lock(id + 1); }));
}

TEST_P(StoreContract, FailuresCountForThePresentGenerationOnly) {
  const auto id = addDevice("d");
  run([&](Txn& txn) {
    auto& devices = txn.devices();
    devices.raiseGeneration(id);
    devices.recordFailure(id, 0, "late news", kNow + 1h);
    EXPECT_EQ(devices.find(id)->attempts, 0);
    devices.recordFailure(id, 1, "no answer", kNow + 1s);
    devices.recordFailure(id, 1, "refused", kNow + 2s);
  });
  auto found = device(id);
  EXPECT_EQ(found.attempts, 2);
  EXPECT_EQ(found.last_error, "refused");
  EXPECT_EQ(found.next_due, kNow + 2s);
  run([&](Txn& txn) { txn.devices().raiseGeneration(id); });
  found = device(id);
  EXPECT_EQ(found.attempts, 0);
  EXPECT_EQ(found.next_due, Time{});
}

TEST_P(StoreContract, LongErrorsAreCut) {
  const auto id = addDevice("d");
  run([&](Txn& txn) { txn.devices().recordFailure(id, 0, std::string(5000, 'e'), kNow); });
  EXPECT_EQ(device(id).last_error, std::string(1024, 'e'));
}

TEST_P(StoreContract, DueAreDevicesThatAreBehindInTheOrderOfTheirTime) {
  const auto calm = addDevice("calm"), late = addDevice("late"), fresh = addDevice("fresh");
  run([&](Txn& txn) {
    auto& devices = txn.devices();
    for (const auto id : {calm, late, fresh}) devices.raiseGeneration(id);
    devices.markApplied(calm, 1, DeviceStatus::Online);
    devices.recordFailure(late, 1, "no answer", kNow);
    EXPECT_THAT(devices.due(kNow - 1s, 10, model::kAllShards), ElementsAre(fresh));
    EXPECT_THAT(devices.due(kNow, 10, model::kAllShards), ElementsAre(fresh, late));
    EXPECT_THAT(devices.due(kNow, 1, model::kAllShards), ElementsAre(fresh));
    EXPECT_THAT(devices.due(kNow, 10, model::Shards{1} << model::shardOf(late)), ElementsAre(late));
    EXPECT_THAT(devices.due(kNow, 10, 0), IsEmpty());
  });
}

TEST_P(StoreContract, ADeviceInUseIsNotRemoved) {
  const auto used = addDevice("used"), holder = addDevice("holder"), unused = addDevice("unused");
  addLoadBalancer(wanted("web"), used);
  addVip("10.77.9.1");
  run([&](Txn& txn) { txn.vips().claimFree(holder, kNow); });
  const auto remove = [&](std::int64_t id) {
    return bool(store->transact([&](Txn& txn) -> Result<int> {
      txn.devices().remove(id);
      return 1;
    }));
  };
  EXPECT_FALSE(remove(used));
  EXPECT_FALSE(remove(holder));
  EXPECT_TRUE(remove(unused));
  EXPECT_TRUE(remove(unused)) << "nothing left to do";
  EXPECT_EQ(in([](Txn& txn) { return txn.devices().list(); }).size(), 2u);
}

}  // namespace libra::test::rows
