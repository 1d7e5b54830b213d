#include "lib/base/backoff.h"

#include <gtest/gtest.h>

namespace libra {
namespace {

using namespace std::chrono_literals;

TEST(BackoffDelays, LieInTheUpperHalfOfADoublingBound) {
  const Backoff backoff{.first = 100ms, .most = 1000ms};
  struct Row {
    int attempt;
    std::chrono::milliseconds bound;
  };
  for (const Row& row :
       {Row{-1, 100ms}, Row{0, 100ms}, Row{1, 200ms}, Row{3, 800ms}, Row{4, 1000ms}, Row{1000000, 1000ms}}) {
    for (int i = 0; i < 200; ++i) {
      const auto delay = backoff.delay(row.attempt);
      EXPECT_GE(delay, row.bound / 2) << row.attempt;
      EXPECT_LE(delay, row.bound) << row.attempt;
    }
  }
}

TEST(BackoffDelays, AreSpread) {
  const Backoff backoff{.first = 60'000ms};
  const auto one = backoff.delay(0);
  bool differs = false;
  for (int i = 0; i < 100; ++i) differs = differs || backoff.delay(0) != one;
  EXPECT_TRUE(differs);
}

}  // namespace
}  // namespace libra
