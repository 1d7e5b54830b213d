#include "tests/contract/store/rows.h"

namespace libra::test::rows {

TEST_P(StoreContract, AClaimedSpareIsInBuildWithWorkToDo) {
  const auto id = addDevice("d");
  const auto claimed = in([](Txn& txn) { return txn.devices().claimSpare({}); });
  ASSERT_TRUE(claimed);
  EXPECT_EQ(claimed->id, id);
  EXPECT_EQ(claimed->status, DeviceStatus::Build);
  EXPECT_EQ(claimed->generation, 1u);
  EXPECT_EQ(device(id).status, DeviceStatus::Build);
  EXPECT_EQ(device(id).generation, 1u);
  EXPECT_FALSE(in([](Txn& txn) { return txn.devices().claimSpare({}); }));
}

TEST_P(StoreContract, ManyAtOnceClaimEachSpareOnce) {
  constexpr int kSpares = 30;
  for (int i = 0; i < kSpares; ++i) addDevice("d" + std::to_string(i));
  std::mutex mutex;
  std::vector<std::int64_t> claimed;
  inParallel(8, [&](int) {
    while (const auto spare = in([](Txn& txn) { return txn.devices().claimSpare({}); })) {
      std::lock_guard lock(mutex);
      claimed.push_back(spare->id);
    }
  });
  EXPECT_EQ(claimed.size(), kSpares);
  EXPECT_EQ(std::set(claimed.begin(), claimed.end()).size(), kSpares);
}

TEST_P(StoreContract, AClaimOfATransactionThatFailsIsFreeAgain) {
  addDevice("d");
  const auto failed = store->transact([](Txn& txn) -> Result<int> {
    EXPECT_TRUE(txn.devices().claimSpare({}));
    return Error{ErrorCode::Unavailable, "no"};
  });
  EXPECT_FALSE(failed);
  EXPECT_TRUE(in([](Txn& txn) { return txn.devices().claimSpare({}); }));
}

// A store may search once for many claims.
TEST_P(StoreContract, WhatIsNoSpareAnyMoreIsNotClaimed) {
  const auto one = addDevice("d1"), two = addDevice("d2"), three = addDevice("d3");
  const auto claim = [&] {
    const auto spare = in([](Txn& txn) { return txn.devices().claimSpare({}); });
    return spare ? spare->id : 0;
  };
  EXPECT_EQ(claim(), one);
  run([&](Txn& txn) { txn.devices().setStatus(two, DeviceStatus::Offline, DeviceStatus::Error); });
  run([&](Txn& txn) { txn.devices().setMaintenance(three, true); });
  EXPECT_EQ(claim(), 0);
  run([&](Txn& txn) { txn.devices().setMaintenance(three, false); });
  EXPECT_EQ(claim(), three);
  EXPECT_EQ(claim(), 0);
}

TEST_P(StoreContract, OnlyASpareThatCanDoAllThatIsNeededIsClaimed) {
  const auto able = [&](const char* name, std::vector<std::string> words) {
    model::NewDevice spare;
    spare.name = name;
    spare.capabilities = std::move(words);
    return in([&](Txn& txn) { return txn.devices().insert(spare, kNow); });
  };
  const auto claim = [&](std::vector<std::string> needs) {
    const auto spare = in([&](Txn& txn) { return txn.devices().claimSpare({needs}); });
    return spare ? spare->id : 0;
  };
  const auto plain = able("plain", {"http", "monitor-http", "tls-sni"});
  const auto all = able("all", {"any-port", "tls", "http", "tls-sni"});
  EXPECT_EQ(claim({"tls", "tls-sni", "tcp"}), 0);
  EXPECT_EQ(claim({"tl"}), 0);
  EXPECT_EQ(claim({"t.s"}), 0);
  EXPECT_EQ(claim({"http", "tls"}), all) << "the first one has only words that contain it";
  EXPECT_EQ(claim({"http", "tls"}), 0);
  EXPECT_EQ(claim({"tls-sni", "http"}), plain) << "in any order";
  const auto ancestors = addDevice("ancestors");
  EXPECT_EQ(claim({"http", "tls"}), ancestors) << "it did not tell what it cannot";
}

TEST_P(StoreContract, ASpareThatIsMeantForOthersIsNotTaken) {
  const auto one = addDevice("one"), two = addDevice("two"), three = addDevice("three");
  const auto claim = [&](std::set<std::int64_t> not_these) {
    const auto spare = in([&](Txn& txn) { return txn.devices().claimSpare({.not_these = not_these}); });
    return spare ? spare->id : 0;
  };
  EXPECT_EQ(claim({one, two}), three);
  EXPECT_EQ(claim({one, two}), 0);
  EXPECT_EQ(claim({one}), two);
  EXPECT_EQ(claim({}), one) << "it is there for those others";
}

TEST_P(StoreContract, ASpareIsTakenFromTheFirstPlaceThatHasOne) {
  const auto placed = [&](const char* name, const char* zone, const char* group) {
    model::NewDevice spare;
    spare.name = name, spare.zone = zone, spare.host_group = group;
    return in([&](Txn& txn) { return txn.devices().insert(spare, kNow); });
  };
  const auto claim = [&](const service::SpareWish& wish) {
    const auto spare = in([&](Txn& txn) { return txn.devices().claimSpare(wish); });
    return spare ? spare->id : 0;
  };
  const auto far = placed("far", "b", "rack 9"), beside = placed("beside", "a", "rack 1");
  const auto apart = placed("apart", "a", "rack 2"), other = placed("other", "b", "rack 1");
  const service::SpareWish wish{{}, {{"a", "rack 1"}, {"a", ""}, {"", "rack 1"}, {}}, 0};
  EXPECT_EQ(claim({{}, wish.places, other}), other) << "the one that is named";
  EXPECT_EQ(claim({{}, wish.places, other}), 0);
  EXPECT_EQ(claim({{}, {{"c", ""}}, 0}), 0);
  EXPECT_EQ(claim(wish), apart);
  EXPECT_EQ(claim(wish), beside);
  EXPECT_EQ(claim(wish), far);
  EXPECT_EQ(claim(wish), 0);
}

}  // namespace libra::test::rows
