#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "lib/protocol/device_state.h"
#include "sidecar/haproxy/proxy_state.h"
#include "sidecar/haproxy/slots.h"

namespace libra::sidecar::haproxy {

// All that a slot's load balancer is besides its servers and addresses, as one map
// value: HAProxy reads the first fourteen fields of it, one `set map` changes them together,
// and the rest is there so that it can be read back:
//   s3_http_rr_http|30000|/health|cookie|fpot|15.1|-|10|7|0|20|t5|443|lb=15|protocol=HTTP|client=30000|…
// The fifth has a letter for each thing that is on: f, p, o add X-Forwarded-For, -Proto and
// -Port; s suspended; a access list, l logging, t throttle; h half-closed; x PROXY protocol;
// e secure only, r redirected to the secure port; v nodes verified; u usual: no request needs
// more than its plain backend does.
// Then: name of the access list, of the error page; the throttle's table, most, free and most
// new connections of a client, the last within the table's period; TLS listener and port, "-"
// and 0: none.
constexpr std::chrono::milliseconds kUsualTimeout{30'000};  // of nodes; other ones are set per request

// HTTP with the three forwarding headers, without persistence and with the usual timeout: all
// else that a load balancer may be is done before a backend is chosen.
bool isPlain(const protocol::LoadBalancerState& balancer);

struct Descriptor {
  Variant backend;
  protocol::LoadBalancerState
      balancer;  // without name, nodes, addresses, access list, error page, certificates; a digest for the authority
  Counters baseline;                     // the slot's counters when this load balancer came into it
  std::string access = "-", page = "-";  // their names, "-": none
  int listener = 0;                      // for TLS, 0: none

  std::string text() const;
  static std::optional<Descriptor> parse(std::string_view text);
};

// The periods in seconds over which clients' new connections are counted, one table each.
// Other intervals use the next longer one, with the limit in proportion.
constexpr int kThrottlePeriods[] = {1, 10, 60, 600, 3'600};

// The descriptor of the load balancer whose connections go to this backend now.
std::optional<Descriptor> descriptorOf(const ProxyState& state, std::string_view backend);

}  // namespace libra::sidecar::haproxy
