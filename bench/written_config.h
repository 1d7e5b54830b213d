#pragma once

#include <string>

#include "lib/protocol/device_state.h"

namespace libra::bench {

// The configuration that an operator would write by hand for these load balancers (HTTP,
// one frontend and one backend each): what our slots and our run-time changes are held against.
std::string writtenConfig(const protocol::DeviceState& state, const std::string& stats_socket);

}  // namespace libra::bench
