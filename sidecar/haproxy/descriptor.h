#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/protocol/device_state.h"
#include "sidecar/haproxy/proxy_state.h"
#include "sidecar/haproxy/slots.h"

namespace libra::sidecar::haproxy {

// All that a slot's load balancer is besides its servers and addresses, as one map
// value: HAProxy reads the first four fields of it, one `set map` changes them together,
// and the rest is there so that it can be read back:
//   s3_http_rr_http|30000|/health|cookie|lb=15|protocol=HTTP|client=30000|…
struct Descriptor {
  Variant backend;
  protocol::LoadBalancerState balancer;  // without name, nodes and addresses
  Counters baseline;                     // the slot's counters when this load balancer came into it

  std::string text() const;
  static std::optional<Descriptor> parse(std::string_view text);
};

// The descriptor of the load balancer whose connections go to this backend now.
std::optional<Descriptor> descriptorOf(const ProxyState& state, std::string_view backend);

}  // namespace libra::sidecar::haproxy
