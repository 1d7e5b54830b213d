#pragma once

#include <map>
#include <string>
#include <string_view>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/protocol/device_state.h"
#include "sidecar/haproxy/proxy_state.h"

namespace libra::sidecar::haproxy {

struct Placement {
  int slot = 0;
  int previous = 0;  // where the load balancer is now, 0 when nowhere
  int listener = 0;  // for its TLS, 0: none

  bool fresh() const { return slot != previous; }
  bool moves() const { return previous != 0 && fresh(); }
};
using Placements = std::map<std::string, Placement>;  // by load balancer id

// A load balancer keeps its TLS listener, and its slot when the change can be made there without a connection
// meeting something in between. Unavailable when the proxy has
// none left.
Result<Placements> place(const ProxyState& live, const protocol::DeviceState& wanted);

struct Layout {
  ProxyState state;
  Placements places;
};

// What the proxy shall run so that it is `wanted` (normalised); servers that already are
// as wanted keep their names. `totals`: of the slots that load balancers come into or leave;
// `now`: drains whose time is over have ended.
Layout layOut(const ProxyState& live, const protocol::DeviceState& wanted, const Placements& places,
              const std::map<int, Counters>& totals, Time now);

// Stands for all that a connection is told when it begins; when it changes, they ask again.
// A number, as HAProxy compares it with what a connection was told: below 2^63.
std::string editionOf(const ProxyState& state);
std::string editionNamed(std::string_view text);  // another one for another text

}  // namespace libra::sidecar::haproxy
