#include "controller/api/request_counters.h"

#include <gtest/gtest.h>

#include <cmath>

namespace libra::api {
namespace {

using namespace std::chrono_literals;

// "route method status*times… in milliseconds", a line each.
std::string told(RequestCounters& counters) {
  std::string text;
  counters.each([&](std::string_view route, std::string_view method, const RequestCounters::Sum& sum) {
    text.append(route).append(" ").append(method);
    for (const auto& [status, times] : sum.by_status)
      text += " " + std::to_string(status) + "*" + std::to_string(times);
    text += " in " + std::to_string(std::lround(sum.time.snapshot().sum * 1000)) + "\n";
  });
  return text;
}

TEST(RequestCounters, AddUpByRouteMethodAndStatus) {
  RequestCounters counters;
  counters.add("/v1.1/limits", "GET", 200, 2ms);
  counters.add("/v1.1/limits", "GET", 200, 3ms);
  counters.add("/v1.1/limits", "GET", 401, 1ms);
  counters.add("/v1.1/limits", "PUT", 405, 1ms);
  EXPECT_EQ(told(counters), "/v1.1/limits GET 200*2 401*1 in 6\n/v1.1/limits PUT 405*1 in 1\n");
}

TEST(RequestCounters, StayFewWhateverCallersSend) {
  RequestCounters counters;
  for (int i = 0; i < 1000; ++i) counters.add("", "M" + std::to_string(i), 404, 1ms);
  EXPECT_EQ(told(counters), "other other 404*1000 in 1000\n");
}

TEST(RequestCounters, TellAcceptedChangesApart) {
  RequestCounters counters;
  counters.add("/v1.1/loadbalancers", "POST", 202, 4ms);
  counters.add("/v1.1/loadbalancers", "POST", 400, 1ms);
  EXPECT_EQ(counters.accepted().snapshot().count, 1u);
}

}  // namespace
}  // namespace libra::api
