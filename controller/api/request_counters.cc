#include "controller/api/request_counters.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace libra::api {

namespace {

constexpr const char* kOther = "other";

bool isCommon(std::string_view method) {
  constexpr std::array<std::string_view, 7> kMethods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

}  // namespace

void RequestCounters::add(Key key, std::chrono::nanoseconds took) {
  if (key.route.empty()) key.route = kOther;
  if (!isCommon(key.method)) key.method = kOther;
  auto sums = sums_.lock();
  Sum& sum = (*sums)[std::move(key)];
  ++sum.requests;
  sum.time += took;
}

}  // namespace libra::api
