#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "lib/protocol/device_state.h"

namespace libra::sidecar::nginx {

// What nginx fixes per server{}: mode, times and tries. Servers exist in a ladder of classes;
// a load balancer gets the smallest that is at least what it asks for, and its secure port the
// same with TLS.
struct ServerClass {
  bool http = true;
  std::chrono::milliseconds timeout{30'000};
  bool retries = true;                               // each node that can is tried, else one only
  bool half_closed = false, proxy_protocol = false;  // not HTTP
  bool tls = false;                                  // towards clients

  std::string name() const;  // "http-30s-retry", of its libra_listen
};

const std::vector<ServerClass>& serverClasses();
ServerClass classFor(const protocol::LoadBalancerState& balancer);

}  // namespace libra::sidecar::nginx
