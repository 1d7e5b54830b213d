#pragma once

#include <string>

#include "lib/protocol/device_state.h"

namespace libra::bench {

// nginx's configuration as an operator would write it by hand for these load balancers (HTTP
// and TCP, one upstream and one server each): what our modules are held against.
std::string writtenNginx(const protocol::DeviceState& state);

// The same, but for where peers and listeners come from: our modules, out of the folder `modules`,
// which take the state at the control socket.
std::string ownNginx(const std::string& modules, const std::string& control);

// The state for that control socket.
std::string ownState(const protocol::DeviceState& state);

}  // namespace libra::bench
