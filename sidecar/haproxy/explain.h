#pragma once

#include <string>

#include "sidecar/haproxy/live_state.h"

namespace libra::sidecar::haproxy {

// Which load balancer is in which slot, and which node is which server, for somebody who
// stands before the stats socket and has only HAProxy's names.
std::string explain(const LiveState& live);

}  // namespace libra::sidecar::haproxy
