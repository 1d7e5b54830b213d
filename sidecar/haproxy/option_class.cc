#include "sidecar/haproxy/option_class.h"

#include <algorithm>

namespace libra::sidecar::haproxy {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTimeouts[] = {milliseconds(5'000), milliseconds(30'000), milliseconds(120'000),
                                      milliseconds(1'000'000)};
constexpr int kRetries[] = {0, 3, 10, 256};
constexpr int kHalfClosedRetries[] = {3, 256};

template <typename Ladder, typename Value>
Value atLeast(const Ladder& ladder, Value value) {
  const auto step = std::lower_bound(std::begin(ladder), std::end(ladder), value);
  return step == std::end(ladder) ? *std::prev(step) : *step;
}

}  // namespace

bool OptionClass::isLargest() const { return timeout == *std::rbegin(kTimeouts) && retries == *std::rbegin(kRetries); }

std::chrono::seconds OptionClass::quarantine() const {
  return std::chrono::seconds(retries + 1) + std::chrono::ceil<std::chrono::seconds>(timeout);
}

const std::vector<OptionClass>& optionClasses() {
  static const std::vector<OptionClass> kAll = [] {
    std::vector<OptionClass> all;
    for (auto timeout : kTimeouts)
      for (auto retries : kRetries) all.push_back({timeout, retries, false});
    for (auto retries : kHalfClosedRetries) all.push_back({*std::rbegin(kTimeouts), retries, true});
    return all;
  }();
  return kAll;
}

std::chrono::milliseconds effective(std::chrono::milliseconds timeout) {
  return timeout.count() == 0 ? *std::rbegin(kTimeouts) : timeout;
}

OptionClass classFor(const protocol::LoadBalancerState& balancer) {
  const auto& options = balancer.options;
  if (balancer.half_closed) return {*std::rbegin(kTimeouts), atLeast(kHalfClosedRetries, options.retries), true};
  auto timeout = effective(options.connect_timeout);
  // In TCP mode the idle time is the backend's too; in HTTP it is set per request.
  if (balancer.protocol != Protocol::Http)
    timeout = std::max(timeout, std::min(effective(options.client_timeout), effective(options.server_timeout)));
  return {atLeast(kTimeouts, timeout), atLeast(kRetries, options.retries), false};
}

}  // namespace libra::sidecar::haproxy
