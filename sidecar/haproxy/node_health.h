#pragma once

#include <map>
#include <string>
#include <vector>

#include "sidecar/driver.h"
#include "sidecar/haproxy/live_state.h"
#include "sidecar/haproxy/step.h"

namespace libra::sidecar::haproxy {

// Node id → what its servers were found to be; nodes that are on their way out are left out.
std::map<std::string, NodeCheck> healthOf(const LiveState& live);

// A process that just began takes every node for up until it has looked: what tells it of
// those that were down in the one before.
std::vector<Step> stillDown(const LiveState& before, const LiveState& now);

// What tells it of nodes (by id) that are checked from outside.
std::vector<Step> toldHealth(const LiveState& live, const std::map<std::string, protocol::NodeHealth>& nodes);

}  // namespace libra::sidecar::haproxy
