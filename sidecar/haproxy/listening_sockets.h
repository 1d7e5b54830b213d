#pragma once

#include <cstdint>
#include <string>

#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace libra::sidecar::haproxy {

struct ListeningSockets {
  Fd v4, v6;
};

// Copies of the sockets by which HAProxy listens on 0.0.0.0:port and [::]:port, asked for
// on its stats socket. Takes about 1 ms. Unavailable when it does not answer in time or
// does not listen there.
Result<ListeningSockets> fetchListeningSockets(const std::string& stats_socket, std::uint16_t port);

}  // namespace libra::sidecar::haproxy
