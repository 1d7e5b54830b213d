#include "controller/api/request_counters.h"

#include <gtest/gtest.h>

namespace libra::api {
namespace {

using namespace std::chrono_literals;

TEST(RequestCounters, AddUpByRouteMethodAndStatus) {
  RequestCounters counters;
  counters.add({"/v1.1/limits", "GET", 200}, 2ms);
  counters.add({"/v1.1/limits", "GET", 200}, 3ms);
  counters.add({"/v1.1/limits", "GET", 401}, 1ms);
  const auto sums = counters.snapshot();
  ASSERT_EQ(sums.size(), 2u);
  EXPECT_EQ(sums.at({"/v1.1/limits", "GET", 200}).requests, 2u);
  EXPECT_EQ(sums.at({"/v1.1/limits", "GET", 200}).time, 5ms);
  EXPECT_EQ(sums.at({"/v1.1/limits", "GET", 401}).requests, 1u);
}

TEST(RequestCounters, StayFewWhateverCallersSend) {
  RequestCounters counters;
  for (int i = 0; i < 1000; ++i) counters.add({"", "M" + std::to_string(i), 404}, 1ms);
  const auto sums = counters.snapshot();
  ASSERT_EQ(sums.size(), 1u);
  EXPECT_EQ(sums.at({"other", "other", 404}).requests, 1000u);
}

}  // namespace
}  // namespace libra::api
