#pragma once

#include <chrono>
#include <compare>
#include <vector>

#include "lib/protocol/device_state.h"

namespace libra::sidecar::haproxy {

// What HAProxy 2.6 fixes per backend: `timeout connect` (also the idle time of a TCP
// connection, `timeout tunnel`), `retries` and `timeout server-fin`. Backends exist in a ladder of classes;
// a load balancer gets the smallest class that is at least what it asks for.
struct OptionClass {
  std::chrono::milliseconds timeout{30'000};
  int retries = 3;
  bool half_closed = false;  // once the client has ended, the node has the idle time to go on
  auto operator<=>(const OptionClass&) const = default;

  bool covers(const OptionClass& other) const {
    return timeout >= other.timeout && retries >= other.retries && half_closed == other.half_closed;
  }
  bool isLargest() const;  // of those that are half-closed, or of the others

  // How long a stream may still hold a server of this class without being counted on
  // it; a server is deleted no sooner after it left traffic (use-after-free in 2.6.12).
  std::chrono::seconds quarantine() const;
};

// All classes, smallest first; every two values of the options lie in one of them.
const std::vector<OptionClass>& optionClasses();

// A timeout of 0 means "none": the longest the ladder has.
std::chrono::milliseconds effective(std::chrono::milliseconds timeout);

OptionClass classFor(const protocol::LoadBalancerState& balancer);

}  // namespace libra::sidecar::haproxy
