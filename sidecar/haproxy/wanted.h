#pragma once

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/protocol/device_state.h"
#include "sidecar/haproxy/proxy_state.h"

namespace libra::sidecar::haproxy {

constexpr std::size_t kMaxLoadBalancers = 8;

// The state in the form live() gives it back: legacy load balancers named by their
// protocol, names dropped, persistence decided, paths percent-encoded, everything in order. An Error says why this
// proxy cannot run it; `ports` are those it listens on.
Result<protocol::DeviceState> normalised(const protocol::DeviceState& wanted, const std::vector<std::uint16_t>& ports);

// What the proxy runs, in the same form. Retired servers are not part of it.
protocol::DeviceState describe(const ProxyState& live);

// Whether a drain that ends at this Unix time (0: never) has ended.
bool isOver(std::chrono::seconds drain, Time now);

// The keys of the VIP map under which connections find this load balancer.
std::vector<std::string> vipKeys(const protocol::LoadBalancerState& balancer);

}  // namespace libra::sidecar::haproxy
