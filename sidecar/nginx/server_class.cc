#include "sidecar/nginx/server_class.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace libra::sidecar::nginx {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTimeouts[] = {milliseconds(5'000), milliseconds(30'000), milliseconds(120'000),
                                      milliseconds(1'000'000)};
constexpr auto kLongest = *std::rbegin(kTimeouts);

milliseconds effective(milliseconds timeout) { return timeout.count() == 0 ? kLongest : timeout; }

milliseconds atLeast(milliseconds timeout) {
  const auto step = std::lower_bound(std::begin(kTimeouts), std::end(kTimeouts), timeout);
  return step == std::end(kTimeouts) ? kLongest : *step;
}

std::vector<ServerClass> makeAll() {
  std::vector<ServerClass> all;
  for (auto timeout : kTimeouts)
    for (bool retries : {true, false})
      for (bool tls : {false, true}) {
        all.push_back({true, timeout, retries, false, false, tls});
        for (bool half_closed : {false, true})
          for (bool proxy_protocol : {false, true})
            all.push_back({false, timeout, retries, half_closed, proxy_protocol, tls});
      }
  return all;
}

}  // namespace

std::string ServerClass::name() const {
  return fmt::format("{}-{}s-{}{}{}{}", http ? "http" : "tcp", timeout.count() / 1000, retries ? "retry" : "once",
                     half_closed ? "-half" : "", proxy_protocol ? "-proxy" : "", tls ? "-tls" : "");
}

const std::vector<ServerClass>& serverClasses() {
  static const auto kAll = makeAll();
  return kAll;
}

ServerClass classFor(const protocol::LoadBalancerState& balancer) {
  const auto& options = balancer.options;
  const auto client = effective(options.client_timeout), server = effective(options.server_timeout);
  const bool http = balancer.protocol == Protocol::Http;
  // In TCP a connection is idle when neither side says anything.
  const auto idle = http ? std::max(client, server) : std::min(client, server);
  return {http,
          atLeast(std::max(idle, effective(options.connect_timeout))),
          options.retries > 0,
          !http && balancer.half_closed,
          !http && balancer.proxy_protocol,
          false};
}

}  // namespace libra::sidecar::nginx
