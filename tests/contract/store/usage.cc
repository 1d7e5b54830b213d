#include "tests/contract/store/rows.h"

namespace libra::test::rows {

namespace {

model::UsageReport report(std::int64_t device, std::uint64_t sequence, Time end, std::uint64_t bytes_out) {
  model::UsageReport report{device, sequence, end - 5min, end, {}};
  report.samples.push_back(
      {.load_balancer = 7, .bytes_in = 10, .bytes_out = bytes_out, .connections = 3, .status = "ACTIVE"});
  return report;
}

std::vector<std::uint64_t> bytesOut(const std::vector<model::LbUsageSample>& samples) {
  std::vector<std::uint64_t> bytes;
  for (const auto& sample : samples) bytes.push_back(sample.bytes_out);
  return bytes;
}

}  // namespace

TEST_P(StoreContract, UsageToldTwiceCountsOnce) {
  run([](Txn& txn) { txn.usage().add(report(1, 1, kNow, 100)); });
  run([](Txn& txn) { txn.usage().add(report(1, 1, kNow, 100)); });
  run([](Txn& txn) { txn.usage().add(report(1, 2, kNow + 5min, 200)); });
  run([](Txn& txn) { txn.usage().add(report(2, 1, kNow + 1min, 1ULL << 40)); });
  const auto found = in([](Txn& txn) { return txn.usage().ofLoadBalancer(7, kNow + 1h, 10); });
  EXPECT_THAT(bytesOut(found), ElementsAre(200U, 1ULL << 40, 100U)) << "the newest first, of every device";
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].start, kNow);
  EXPECT_EQ(found[0].end, kNow + 5min);
  EXPECT_EQ(std::tie(found[0].device, found[0].load_balancer), std::make_tuple(std::int64_t{1}, std::int64_t{7}));
  EXPECT_EQ(std::tie(found[0].bytes_in, found[0].connections), std::make_tuple(10U, 3U));
  EXPECT_EQ(found[0].status, "ACTIVE");
}

TEST_P(StoreContract, UsageComesInPagesAndOfOneLoadBalancerOnly) {
  run([](Txn& txn) {
    for (int i = 1; i <= 3; ++i) txn.usage().add(report(1, static_cast<std::uint64_t>(i), kNow + i * 5min, 100U * i));
  });
  const auto page = [&](Time before) {
    return bytesOut(in([&](Txn& txn) { return txn.usage().ofLoadBalancer(7, before, 2); }));
  };
  EXPECT_THAT(page(kNow + 1h), ElementsAre(300U, 200U));
  EXPECT_THAT(page(kNow + 5min), ElementsAre(100U));
  EXPECT_THAT(in([](Txn& txn) { return txn.usage().ofLoadBalancer(8, kNow + 1h, 2).size(); }), 0U);
}

TEST_P(StoreContract, WhatADeviceToldLastIsKnownAlsoWhenItWasNothing) {
  const auto last = [&](std::int64_t device) { return in([&](Txn& txn) { return txn.usage().lastSequence(device); }); };
  EXPECT_EQ(last(1), 0U);
  run([](Txn& txn) { txn.usage().add({1, 4, kNow, kNow, {}}); });
  run([](Txn& txn) { txn.usage().add({1, 3, kNow, kNow, {}}); });  // a late one
  EXPECT_EQ(last(1), 4U);
  EXPECT_EQ(last(2), 0U);
}

TEST_P(StoreContract, OldUsageIsForgottenSomeAtATime) {
  run([](Txn& txn) {
    for (int i = 1; i <= 3; ++i) txn.usage().add(report(1, static_cast<std::uint64_t>(i), kNow + i * 5min, 1));
  });
  const auto forget = [&](Time before) { return in([&](Txn& txn) { return txn.usage().forget(before, 1); }); };
  EXPECT_EQ(forget(kNow + 12min), 1);
  EXPECT_EQ(forget(kNow + 12min), 1);
  EXPECT_EQ(forget(kNow + 12min), 0);
  EXPECT_EQ(in([](Txn& txn) { return txn.usage().ofLoadBalancer(7, kNow + 1h, 10).size(); }), 1U);
}

}  // namespace libra::test::rows
