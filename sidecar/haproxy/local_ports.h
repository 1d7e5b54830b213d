#pragma once

#include <cstdint>
#include <set>
#include <string_view>

#include "lib/base/result.h"

namespace libra::sidecar::haproxy {

// The local TCP ports of this network namespace that cannot be bound now: somebody listens
// there, or a connection has it.
Result<std::set<std::uint16_t>> takenPorts();

// The same of the text of /proc/net/tcp or tcp6.
std::set<std::uint16_t> parseTakenPorts(std::string_view table);

}  // namespace libra::sidecar::haproxy
