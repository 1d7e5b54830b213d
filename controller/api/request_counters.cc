#include "controller/api/request_counters.h"

#include <algorithm>
#include <array>

namespace libra::api {

namespace {

constexpr std::string_view kOther = "other";

bool isCommon(std::string_view method) {
  constexpr std::array<std::string_view, 7> kMethods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

}  // namespace

void RequestCounters::add(std::string_view route, std::string_view method, int status, std::chrono::nanoseconds took) {
  const Seen seen{route.empty() ? kOther : route, isCommon(method) ? method : kOther};
  if (status == 202) accepted_.observe(took);
  auto sums = sums_.lock();
  auto sum = sums->find(seen);
  if (sum == sums->end()) sum = sums->try_emplace({std::string(seen.route), std::string(seen.method)}).first;
  ++sum->second.by_status[status];
  sum->second.time.observe(took);
}

void RequestCounters::each(const std::function<void(std::string_view, std::string_view, const Sum&)>& visit) {
  auto sums = sums_.lock();
  for (const auto& [key, sum] : *sums) visit(key.route, key.method, sum);
}

}  // namespace libra::api
