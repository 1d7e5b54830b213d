#pragma once

#include "sidecar/driver.h"
#include "sidecar/haproxy/runtime_socket.h"

namespace libra::sidecar::haproxy {

// What the process behind the socket counted, and whether it is one that only finished and now
// has no connection left: then it will count nothing more.
struct ProcessUsage {
  Usage usage;
  bool final = false;
};
Result<ProcessUsage> readUsage(RuntimeSocket& socket);

}  // namespace libra::sidecar::haproxy
