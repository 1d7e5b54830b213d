#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "lib/base/result.h"
#include "sidecar/haproxy/base.h"
#include "sidecar/haproxy/runtime_socket.h"

namespace libra::sidecar::haproxy {

// Which HAProxy process answers, and how far it is.
struct ProcessInfo {
  pid_t pid = 0;
  std::uint64_t started = 0;      // Unix time
  std::uint64_t connections = 0;  // of clients, now
  bool stopping = false;          // takes no new ones
  std::optional<Base> base;       // none: it was not started from our configuration

  std::uint64_t id() const { return started << 22 | static_cast<std::uint64_t>(pid); }  // a pid has at most 22 bits
};

Result<ProcessInfo> readProcess(RuntimeSocket& socket);

// Of the answer to `show info`.
Result<ProcessInfo> parseProcess(std::string_view info);

}  // namespace libra::sidecar::haproxy
