#pragma once

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/protocol/device_state.h"
#include "sidecar/haproxy/proxy_state.h"
#include "sidecar/steer/steering.h"

namespace libra::sidecar::haproxy {

constexpr std::size_t kMaxLoadBalancers = 8;

// Where load balancers may listen: at the ports HAProxy has bound, or, when connections are
// steered to it or another process can bind more, anywhere but on top of its management address.
struct Listening {
  std::vector<std::uint16_t> ports;
  bool steered = false;
  std::uint16_t management = 0;
  bool extensible = false;

  bool offers(const protocol::LoadBalancerState& balancer, std::uint16_t port) const;
};

// Where clients are served, the plain port first.
std::vector<std::uint16_t> portsOf(const protocol::LoadBalancerState& balancer);

// The state in the form live() gives it back, but with the certificates: legacy load balancers named by their
// protocol, names dropped, persistence decided, paths percent-encoded, what does not concern a
// protocol as by default, TLS that is not enabled as none, everything in order. An Error says why this proxy cannot run
// it.
Result<protocol::DeviceState> normalised(const protocol::DeviceState& wanted, const Listening& listening);

// What the proxy runs, in the same form, with digests for certificates (see
// hideCertificates()). Retired servers are not part of it.
protocol::DeviceState describe(const ProxyState& live);
std::uint64_t generationOf(const ProxyState& live);  // 0: none

// Whether HAProxy's own checks can do this: it knows no expressions, hosts or HTTPS of nodes
// it does not speak TLS with, and bounds an answer by the delay alone.
bool checksItself(const protocol::MonitorState& monitor);

// Whether a drain that ends at this Unix time (0: never) has ended.
bool isOver(std::chrono::seconds drain, Time now);

// The entries of the VIP map by which connections find this load balancer in its slot.
Entries waysTo(const protocol::LoadBalancerState& balancer, const std::string& slot);

// What the kernel has to steer to the proxy for this state.
Destinations destinationsOf(const protocol::DeviceState& state);

}  // namespace libra::sidecar::haproxy
