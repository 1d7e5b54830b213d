#include "sidecar/usage/usage_ledger.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"

namespace libra::sidecar {
namespace {

class UsageLedgerTest : public ::testing::Test {
 protected:
  UsageLedgerTest() { EXPECT_TRUE(ledger.load()); }

  void proxySays(std::uint64_t start, std::uint64_t bytes_out, const std::string& id = "9") {
    ledger.sample(
        {.proxy_start = start, .load_balancers = {{.lb_id = id, .protocol = Protocol::Tcp, .bytes_out = bytes_out}}});
  }
  std::uint64_t reported(std::optional<std::uint64_t> acknowledged = std::nullopt) {
    const auto period = ledger.report(acknowledged);
    std::uint64_t sum = 0;
    for (const auto& usage : period->load_balancers) sum += usage.bytes_out;
    return sum;
  }

  test::TempDir folder;
  testing::FakeClock clock;
  UsageLedger ledger{folder / "usage.json", clock};
};

TEST_F(UsageLedgerTest, APeriodTellsWhatWasAddedInIt) {
  proxySays(1, 300);
  EXPECT_EQ(reported(), 300u);
  proxySays(1, 1000);
  EXPECT_EQ(reported(), 700u);
  EXPECT_EQ(reported(), 0u);
}

TEST_F(UsageLedgerTest, ARestartedProxyLosesNothingThatWasSampled) {
  proxySays(1, 1500);
  proxySays(2, 50);
  proxySays(2, 60);
  proxySays(3, 2000);  // began anew and already counts more than before
  EXPECT_EQ(reported(), 1500u + 60 + 2000);
}

TEST_F(UsageLedgerTest, ACounterThatWentBackAddsAndNeverSubtracts) {
  proxySays(1, 1000);
  proxySays(1, 10);
  EXPECT_EQ(reported(), 1010u);
}

TEST_F(UsageLedgerTest, ALoadBalancerThatEndedIsReportedOnce) {
  proxySays(1, 100, "9");
  proxySays(1, 7, "10");
  EXPECT_EQ(ledger.report({})->load_balancers.size(), 2u);
  proxySays(1, 7, "10");
  EXPECT_EQ(ledger.report({})->load_balancers.size(), 1u);
}

TEST_F(UsageLedgerTest, PeriodsFollowEachOtherWithoutAGap) {
  clock.advance(std::chrono::minutes(1));
  const auto first = *ledger.report({});
  clock.advance(std::chrono::minutes(1));
  const auto second = *ledger.report({});
  EXPECT_EQ(first.end - first.start, std::chrono::minutes(1));
  EXPECT_EQ(second.start - first.end, std::chrono::microseconds(1));
  EXPECT_EQ(second.sequence, first.sequence + 1);
}

TEST_F(UsageLedgerTest, AClockThatJumpsBackEndsNoPeriodBeforeItsStart) {
  ASSERT_TRUE(ledger.report({}));
  clock.advance(-std::chrono::hours(1));
  const auto period = *ledger.report({});
  EXPECT_GE(period.end, period.start);
}

TEST_F(UsageLedgerTest, ALostAnswerIsToldAgainAlsoByTheNextLife) {
  proxySays(1, 300);
  EXPECT_EQ(reported(0), 300u);
  proxySays(1, 800);
  UsageLedger next(folder / "usage.json", clock);
  ASSERT_TRUE(next.load());
  EXPECT_EQ(next.report(0)->load_balancers[0].bytes_out, 300u);
  next.sample({.proxy_start = 1, .load_balancers = {{.lb_id = "9", .protocol = Protocol::Tcp, .bytes_out = 800}}});
  EXPECT_EQ(next.report(1)->load_balancers[0].bytes_out, 500u);
}

TEST_F(UsageLedgerTest, AReceiverThatKnowsMoreIsNotToldAnOldSequence) { EXPECT_EQ(ledger.report(41)->sequence, 42u); }

TEST_F(UsageLedgerTest, WhatCannotBeStoredIsNotTold) {
  proxySays(1, 300);
  std::filesystem::remove_all(folder.path());
  EXPECT_FALSE(ledger.report(0));
  std::filesystem::create_directory(folder.path());
  EXPECT_EQ(reported(0), 300u);
}

TEST_F(UsageLedgerTest, ADamagedRecordIsAnError) {
  for (const char* damage : {"", "{", "[]", "{}"}) {
    std::ofstream(folder / "usage.json") << damage;
    EXPECT_FALSE(UsageLedger(folder / "usage.json", clock).load()) << damage;
  }
}

}  // namespace
}  // namespace libra::sidecar
