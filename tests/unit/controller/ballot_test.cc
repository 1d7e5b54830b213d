#include "controller/service/ballot.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/support/fake_clock.h"
#include "tests/support/memory_store.h"

namespace libra::service {
namespace {

using namespace libra::test;
using Outcome = Ballot::Outcome;
using Devices = std::set<std::string>;

class BallotTest : public ::testing::Test {
 protected:
  struct Controller {
    Controller(BallotTest& test, const std::string& name)
        : leases(test.store, test.clock, name),
          ballot({test.store, test.clock, test.counters, leases, [](auto) {}, [](auto, auto) {}, {}},
                 [this](const std::string& device) { return hears.contains(device); }) {}
    void poll() { ASSERT_TRUE(ballot.poll(misses)); }
    // In the order of a controller's life: it stops hearing a device, then tells.
    void lose(const std::string& device) {
      hears.erase(device);
      misses.insert(device);
      poll();
    }
    Outcome on(const std::string& device = "x") const { return ballot.on(device); }

    LeaseKeeper leases;
    Devices misses, hears{"x", "y"};
    Ballot ballot;
  };

  BallotTest() { store.runTwice(true); }
  void meet(const std::vector<Controller*>& living) {
    for (int i = 0; i < 2; ++i)
      for (auto* one : living) one->leases.campaign();
  }
  // As long as the dead are taken for living, and a beat more.
  void live(const std::vector<Controller*>& living, int beats = 5) {
    for (; beats > 0; --beats) {
      clock.advance(LeaseKeeper::Options().beat);
      for (auto* one : living) one->leases.campaign();
    }
  }
  std::size_t votes() { return store.rows().votes.size(); }

  MemoryStore store;
  FakeClock clock;
  Counters counters{store};
  Controller a{*this, "a"}, b{*this, "b"}, c{*this, "c"};
};

TEST_F(BallotTest, OneAloneDecidesAloneAndTellsNobody) {
  meet({&a});
  a.lose("x");
  EXPECT_EQ(a.on(), Outcome::Lost);
  EXPECT_EQ(votes(), 0u);
}

TEST_F(BallotTest, OfTwoBothMustAgree) {
  meet({&a, &b});
  a.lose("x");
  EXPECT_EQ(a.on(), Outcome::Open);
  b.lose("x");
  EXPECT_EQ(b.on(), Outcome::Lost);
  a.poll();
  EXPECT_EQ(a.on(), Outcome::Lost);
}

TEST_F(BallotTest, WhoHearsTheDeviceObjectsUntilItMissesItToo) {
  meet({&a, &b});
  a.lose("x");
  b.poll();
  a.poll();
  EXPECT_EQ(a.on(), Outcome::Heard);
  for (int i = 0; i < 100; ++i) {
    clock.advance(Millis(100));
    b.poll(), a.poll();
    ASSERT_EQ(a.on(), Outcome::Heard) << "however long";
  }
  b.lose("x");
  a.poll();
  EXPECT_EQ(a.on(), Outcome::Lost);
}

TEST_F(BallotTest, OfThreeTwoDecide) {
  meet({&a, &b, &c});
  a.lose("x");
  c.poll(), a.poll();
  EXPECT_EQ(a.on(), Outcome::Heard);
  b.lose("x");
  a.poll();
  EXPECT_EQ(a.on(), Outcome::Lost) << "c hears it, as before";
  EXPECT_EQ(c.on(), Outcome::Open) << "of what it does not miss it has no opinion";
}

TEST_F(BallotTest, WhomNobodyAnswersDecidesAloneInTime) {
  meet({&a, &b});
  a.lose("x");
  clock.advance(Ballot::kPatience - Millis(1));
  a.poll();
  EXPECT_EQ(a.on(), Outcome::Open);
  clock.advance(Millis(1));
  EXPECT_EQ(a.on(), Outcome::Lost);
}

TEST_F(BallotTest, WhoHearsNothingHasNoSay) {
  meet({&a, &b});
  b.hears.clear();  // blind, or only begun
  a.lose("x");
  b.poll(), a.poll();
  EXPECT_EQ(a.on(), Outcome::Open);
  clock.advance(Ballot::kPatience);
  a.poll();
  EXPECT_EQ(a.on(), Outcome::Lost);
}

TEST_F(BallotTest, WhoBecomesDeafTakesItsObjectionBack) {
  meet({&a, &b});
  a.lose("x");
  b.poll(), a.poll();
  EXPECT_EQ(a.on(), Outcome::Heard);
  clock.advance(Ballot::kPatience);
  a.poll();
  b.hears.clear();
  b.poll(), a.poll();
  EXPECT_EQ(a.on(), Outcome::Open) << "it may hear the device again in a moment";
  clock.advance(Ballot::kPatience);
  EXPECT_EQ(a.on(), Outcome::Lost);
}

TEST_F(BallotTest, AnObjectionEndsWithItsController) {
  meet({&a, &b});
  a.lose("x");
  b.poll(), a.poll();
  EXPECT_EQ(a.on(), Outcome::Heard);
  live({&a}, 3);
  a.poll();
  EXPECT_EQ(a.on(), Outcome::Heard) << "it may only be slow";
  live({&a}, 2);
  a.poll();
  EXPECT_EQ(a.on(), Outcome::Lost);
  EXPECT_EQ(votes(), 0u);
}

TEST_F(BallotTest, WhatWasSaidOfAnEarlierSilenceCountsForNothing) {
  meet({&a, &b});
  a.lose("x");
  b.poll();
  a.misses.clear();
  a.poll();
  a.lose("x");  // b has not looked meanwhile
  EXPECT_EQ(a.on(), Outcome::Open);
  clock.advance(Ballot::kPatience);
  EXPECT_EQ(a.on(), Outcome::Lost);
}

TEST_F(BallotTest, WhatNobodyMissesAnyMoreIsForgotten) {
  meet({&a, &b});
  a.lose("x");
  b.poll();
  EXPECT_EQ(votes(), 2u);
  a.misses.clear();
  a.poll(), b.poll();
  EXPECT_EQ(votes(), 0u);
}

TEST_F(BallotTest, EachDeviceHasItsOwnVotes) {
  meet({&a, &b});
  a.lose("x"), a.lose("y");
  b.lose("y");
  a.poll();
  EXPECT_EQ(a.on("x"), Outcome::Heard);
  EXPECT_EQ(a.on("y"), Outcome::Lost);
}

TEST_F(BallotTest, WithoutTheStoreNothingIsDecided) {
  meet({&a, &b});
  a.lose("x");
  clock.advance(Ballot::kPatience);
  store.failNext(1);
  EXPECT_FALSE(a.ballot.poll(a.misses));
  EXPECT_EQ(a.on(), Outcome::Open);
  a.poll();
  EXPECT_EQ(a.on(), Outcome::Lost);
}

TEST_F(BallotTest, ADeviceThatCouldNotBeAskedOfIsAskedOfAgain) {
  meet({&a, &b});
  store.failNext(1);
  EXPECT_FALSE(a.ballot.poll({"x"}));
  EXPECT_EQ(a.on(), Outcome::Open);
  a.lose("x");
  EXPECT_EQ(votes(), 1u);
}

}  // namespace
}  // namespace libra::service
