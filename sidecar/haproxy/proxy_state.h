#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "lib/base/net_address.h"

namespace libra::sidecar::haproxy {

enum class Admin { Ready, Drain, Maintenance };  // in the order of what they still let in

struct Server {
  NetAddress address;
  std::uint16_t port = 0;
  int weight = 1;
  Admin admin = Admin::Ready;
  bool backup = false;
  bool operator==(const Server&) const = default;

  // Out of traffic for good, waiting for its quarantine to end. Tenants' weights
  // begin at 1, so nothing wanted ever looks like this.
  bool retired() const { return admin == Admin::Maintenance && weight == 0; }
};

// Totals since the proxy started; a baseline may be negative after a move between slots.
struct Counters {
  std::int64_t bytes_in = 0, bytes_out = 0, connections = 0, requests = 0;
  bool operator==(const Counters&) const = default;
};

using Entries = std::map<std::string, std::string>;
using Servers = std::map<std::string, Server>;  // by name

// What a HAProxy runs, as far as we drive it: read from it, or wanted of it.
struct ProxyState {
  Entries device;                          // "generation" → number; "suspended" → "yes" while suspended
  Entries balancers;                       // slot → descriptor of the load balancer in it
  Entries vips;                            // "address:port" or "*:port" → slot; what makes a load balancer visible
  Entries drains;                          // "slot/node" of each draining node → Unix time of its end, "0": none
  std::map<std::string, Servers> servers;  // by backend
  bool operator==(const ProxyState&) const = default;
};

}  // namespace libra::sidecar::haproxy
