// Hours of a fleet that loses packets but no device. The day is `make bench B=detect`.

#include <gtest/gtest.h>

#include <iostream>

#include "tests/simulation/detection.h"

namespace libra::simulation {
namespace {

const Fleet kHour{.devices = 1000, .time = std::chrono::hours(1), .seed = 4};

void print(const char* what, const Tally& tally) {
  std::cout << "  seed " << kHour.seed << ", " << what << ": " << tally.verdicts << " verdicts, " << tally.events
            << " losses that mattered, " << tally.beats << " beats\n";
}

TEST(Detection, AnHourOfOnePercentLossCondemnsNobody) {
  const auto tally = independentLoss(kHour, 0.01);
  print("1 % of all packets lost", tally);
  EXPECT_GT(tally.events, 5000) << "two in a row, twice a second";
  EXPECT_EQ(tally.verdicts, 0);
}

TEST(Detection, HeavyLossCondemnsSome) {
  EXPECT_GT(independentLoss({.devices = 10, .time = std::chrono::hours(1), .seed = 4}, 0.6).verdicts, 0)
      << "so the simulation can tell";
}

TEST(Detection, BurstsOnTheWatchersOwnPathCondemnNobody) {
  const auto tally = burstsAtTheWatcher(kHour, {});
  print("bursts at the watcher", tally);
  EXPECT_GT(tally.events, 20);
  EXPECT_EQ(tally.verdicts, 0);
}

TEST(Detection, ABurstOnADevicesLinkIsADeathWhenItOutlastsDetection) {
  const auto tally = burstsAtDevices(kHour, {});
  print("bursts at devices", tally);
  const double share = static_cast<double>(tally.verdicts) / static_cast<double>(tally.events);
  EXPECT_GT(share, 0.20);  // of bursts of 100 ms in the mean, longer than 110 to 160 ms
  EXPECT_LT(share, 0.34);
}

}  // namespace
}  // namespace libra::simulation
