#include "controller/service/lease_keeper.h"

#include <gtest/gtest.h>

#include <bit>
#include <memory>

#include "tests/support/fake_clock.h"
#include "tests/support/memory_store.h"

namespace libra::service {
namespace {

using namespace libra::model;
using namespace libra::test;
using std::chrono::seconds;

constexpr int kWork = kShardCount + 1;  // and the pool

class LeaseKeeperTest : public ::testing::Test {
 protected:
  LeaseKeeperTest() { store.runTwice(true); }

  static int held(const LeaseKeeper& keeper) { return std::popcount(keeper.shards()) + (keeper.pool() ? 1 : 0); }
  Status writeUnder(const Tenure& tenure) {
    return store.transact([&](Txn& txn) { return fence(txn, tenure); });
  }
  // Beats in which these controllers live.
  void pass(int beats, const std::vector<LeaseKeeper*>& living) {
    for (; beats > 0; --beats) {
      clock.advance(LeaseKeeper::Options().beat);
      for (auto* keeper : living) keeper->campaign();
    }
  }

  MemoryStore store;
  FakeClock clock, other_clock;
  LeaseKeeper a{store, clock, "a"};
  LeaseKeeper b{store, clock, "b"};
};

TEST_F(LeaseKeeperTest, OneAloneHoldsAllAtOnce) {
  EXPECT_EQ(held(a), 0);
  a.campaign();
  EXPECT_EQ(held(a), kWork);
  EXPECT_TRUE(a.ofDevice(12'345));
  EXPECT_TRUE(writeUnder(*a.pool()));
}

TEST_F(LeaseKeeperTest, TwoShareEvenlyAndNeverTheSame) {
  a.campaign();
  b.campaign();
  EXPECT_EQ(held(b), 0) << "nothing is free yet";
  pass(2, {&a, &b});
  EXPECT_EQ(held(a), 9);
  EXPECT_EQ(held(b), 8);
  EXPECT_EQ(a.shards() & b.shards(), 0u);
  EXPECT_NE(a.pool().has_value(), b.pool().has_value());
}

TEST_F(LeaseKeeperTest, KnowsWhoElseLives) {
  a.campaign();
  EXPECT_TRUE(a.others().empty());
  b.campaign();
  EXPECT_EQ(b.others(), std::set<std::string>{"a"});
  pass(1, {&a, &b});
  EXPECT_EQ(a.others(), std::set<std::string>{"b"});
  pass(3, {&a});
  EXPECT_EQ(a.others(), std::set<std::string>{"b"}) << "it may only be slow";
  pass(2, {&a});
  EXPECT_TRUE(a.others().empty());
}

TEST_F(LeaseKeeperTest, ADeadOneHasNoVote) {
  a.campaign();
  pass(1, {&a, &b});
  store.edit([](MemoryRows& rows) { rows.votes[{"dev1", "a"}] = rows.votes[{"dev1", "b"}] = true; });
  pass(5, {&a});
  EXPECT_FALSE(store.rows().votes.contains({"dev1", "b"}));
  EXPECT_TRUE(store.rows().votes.contains({"dev1", "a"}));
}

TEST_F(LeaseKeeperTest, ADeadOnesShareIsTakenOverWithinTheLeaseTime) {
  a.campaign();
  pass(2, {&a, &b});
  pass(3, {&b});
  EXPECT_EQ(held(b), 8) << "its holder may only be slow";
  pass(2, {&b});
  EXPECT_EQ(held(b), kWork);
}

TEST_F(LeaseKeeperTest, StopsByItselfBeforeAnybodyElseMayBegin) {
  a.campaign();
  b.campaign();
  clock.advance(seconds(7));
  EXPECT_EQ(held(a), kWork);
  clock.advance(seconds(1));
  EXPECT_EQ(held(a), 0);
  b.campaign();
  EXPECT_EQ(held(b), 0) << "the holder was seen eight seconds ago";
}

TEST_F(LeaseKeeperTest, GoesOnAfterAStallThatNobodyUsed) {
  a.campaign();
  const auto before = *a.pool();
  clock.advance(seconds(60));
  EXPECT_FALSE(a.pool());
  a.campaign();
  ASSERT_TRUE(a.pool());
  EXPECT_EQ(a.pool()->epoch, before.epoch);
}

TEST_F(LeaseKeeperTest, OneThatSleptWritesNothingAfterATakeover) {
  a.campaign();
  const auto before = *a.pool();
  EXPECT_TRUE(writeUnder(before));
  pass(5, {&b});
  ASSERT_TRUE(b.pool());
  const auto refused = writeUnder(before);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::Conflict);
  a.campaign();
  EXPECT_FALSE(a.pool());
  EXPECT_TRUE(writeUnder(*b.pool()));
}

// Its clock ran on while it could not, or stands: neither harms.
TEST_F(LeaseKeeperTest, ClocksThatDisagreeMoveNothing) {
  LeaseKeeper skewed{store, other_clock, "c"};
  other_clock.advance(std::chrono::hours(24 * 365));
  a.campaign();
  skewed.campaign();
  pass(3, {&a});
  skewed.campaign();
  EXPECT_EQ(std::popcount(a.shards() & skewed.shards()), 0);
  const auto rows = store.rows().leases;
  EXPECT_EQ(rows.at("pool").holder, "a");
  EXPECT_EQ(rows.at("pool").epoch, 1u);
}

TEST_F(LeaseKeeperTest, WhatOneResignsIsFreeAtOnce) {
  a.campaign();
  a.resign();
  EXPECT_EQ(held(a), 0);
  b.campaign();
  EXPECT_EQ(held(b), kWork);
}

TEST_F(LeaseKeeperTest, TheDeadLeaveNoRowsBehind) {
  a.campaign();
  pass(5, {&b});
  EXPECT_FALSE(store.rows().leases.contains("controller/a"));
  EXPECT_EQ(store.rows().leases.size(), kWork + 1u);
}

TEST_F(LeaseKeeperTest, AStoreThatCannotBeWrittenCostsTheLeasesInTime) {
  a.campaign();
  store.failNext(100);
  pass(2, {&a});
  EXPECT_EQ(held(a), kWork);
  pass(1, {&a});
  EXPECT_EQ(held(a), 0);
}

TEST_F(LeaseKeeperTest, ThreeShareAndTheDeathOfOneIsShared) {
  LeaseKeeper c{store, clock, "c"};
  pass(4, {&a, &b, &c});
  EXPECT_EQ(held(a) + held(b) + held(c), kWork);
  for (const auto* keeper : {&a, &b, &c}) EXPECT_GE(held(*keeper), 5);
  pass(6, {&b, &c});
  EXPECT_EQ(held(b) + held(c), kWork);
  EXPECT_EQ(b.shards() & c.shards(), 0u);
}

}  // namespace
}  // namespace libra::service
