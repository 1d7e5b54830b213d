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
        {.proxy_start = start, .load_balancers = {{id, Protocol::Tcp, {.bytes_out = bytes_out}, {}}}, .left = {}});
  }
  std::uint64_t reported(std::optional<std::uint64_t> acknowledged = std::nullopt) {
    const auto period = ledger.report(acknowledged);
    std::uint64_t sum = 0;
    for (const auto& usage : period->load_balancers) sum += usage.used.bytes_out;
    return sum;
  }

  test::TempDir folder;
  test::FakeClock clock;
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

TEST_F(UsageLedgerTest, AProcessThatOnlyFinishesIsCountedBesideItsSuccessor) {
  const auto usage = [](std::uint64_t process, std::uint64_t bytes_out) {
    return Usage{process, {{"9", Protocol::Tcp, {.bytes_out = bytes_out}, {}}}, {}};
  };
  const auto both = [&](std::uint64_t bytes_out, std::vector<Usage> predecessors) {
    auto now = usage(2, bytes_out);
    now.predecessors = std::move(predecessors);
    return now;
  };
  proxySays(1, 1'000);
  ledger.sample(both(10, {usage(1, 1'500)}));
  ledger.sample(both(20, {usage(1, 1'600), usage(7, 3)}));
  ledger.sample(both(30, {}));
  EXPECT_EQ(reported(), 1'600u + 3 + 30);
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
  EXPECT_EQ(next.report(0)->load_balancers[0].used.bytes_out, 300u);
  next.sample({.proxy_start = 1, .load_balancers = {{"9", Protocol::Tcp, {.bytes_out = 800}, {}}}, .left = {}});
  EXPECT_EQ(next.report(1)->load_balancers[0].used.bytes_out, 500u);
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

// One load balancer whose node 501 goes by these servers.
Usage withServers(std::vector<ServerUsage> servers, std::vector<ServerUsage> left = {}) {
  return {.proxy_start = 1, .load_balancers = {{"9", Protocol::Http, {}, std::move(servers)}}, .left = std::move(left)};
}
ServerUsage server(const std::string& name, std::uint64_t answers) {
  return {name, "501", {.requests = answers, .statuses = {0, answers, 0, 0, 0}}};
}

TEST_F(UsageLedgerTest, ANodeIsCountedOverAllItsServersAndTheirEnds) {
  ledger.sample(withServers({server("s1/a", 10)}));
  ledger.sample(withServers({server("s1/a", 12), server("s1/b", 3)}));
  ledger.sample(withServers({server("s1/b", 4)}));
  ASSERT_TRUE(ledger.save());
  UsageLedger next(folder / "usage.json", clock);
  ASSERT_TRUE(next.load());
  next.sample(withServers({server("s1/b", 5)}));
  const auto period = next.report({});
  ASSERT_TRUE(period);
  const auto& node = period->load_balancers.at(0).nodes.at("501");
  EXPECT_EQ(node.requests, 12u + 5);
  EXPECT_EQ(node.statuses[1], 12u + 5);
}

TEST_F(UsageLedgerTest, WhatAServerStillCarriesForItsOldLoadBalancerIsTheirs) {
  ledger.sample(withServers({server("s1/a", 10)}));
  ledger.sample(withServers({server("s2/a", 1)}, {server("s1/a", 13)}));
  ledger.sample({.proxy_start = 1, .load_balancers = {}, .left = {server("s1/a", 14), server("s2/a", 1)}});
  const auto period = ledger.report({});
  ASSERT_TRUE(period);
  ASSERT_EQ(period->load_balancers.size(), 1u);
  EXPECT_EQ(period->load_balancers[0].nodes.at("501").requests, 14u + 1);
}

}  // namespace
}  // namespace libra::sidecar
