#pragma once

#include <chrono>
#include <string>

namespace libra::sidecar {

// Whether a TCP connection to "host:port" is accepted within `patience`. Blocks; the
// time to resolve a name comes on top.
bool reachable(const std::string& target, std::chrono::milliseconds patience);

}  // namespace libra::sidecar
