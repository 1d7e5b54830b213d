#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/handles.h"
#include "lib/base/net_address.h"
#include "lib/base/result.h"

namespace libra::sidecar {

// What clients connect to. No address: any of this machine.
struct Destination {
  std::optional<NetAddress> address;
  std::uint16_t port = 0;
  auto operator<=>(const Destination&) const = default;
};
using Destinations = std::set<Destination>;

struct SteeringPlan {
  std::vector<Destination> add, remove;
  bool empty() const { return add.empty() && remove.empty(); }
};
SteeringPlan planSteering(const Destinations& live, const Destinations& wanted);

// The kernel gives new connections to some destinations to the proxy's listening sockets,
// whatever those are bound to (modules/steer). All of it is in the kernel, nothing is
// kept here: it outlives the sidecar. Needs no privilege. One thread at a time.
class Steering {
 public:
  // From the pins that libra-steer left; tries with connections of its own whether the
  // kernel steers in this network namespace. Unavailable, with the reason, if not.
  static Result<Steering> open(const std::string& pins);

  Result<Destinations> destinations() const;
  Status change(const SteeringPlan& plan) const;

  // Where connections are led, per family. A socket that is closed leaves by itself, and
  // until another comes the kernel goes its usual way.
  bool leads() const;
  Status leadTo(int v4_listener, int v6_listener) const;

 private:
  Steering(Fd vips, Fd listeners) : vips_(std::move(vips)), listeners_(std::move(listeners)) {}
  Status put(const Destination& destination, std::uint32_t listener) const;
  Status remove(const Destination& destination) const;
  Status put(std::uint32_t listener, int socket) const;
  Status prove(const char* loopback) const;

  Fd vips_, listeners_;
};

}  // namespace libra::sidecar
