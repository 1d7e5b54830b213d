#pragma once

#include <map>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "sidecar/haproxy/proxy_state.h"

namespace libra::sidecar::haproxy {

// What `show servers state` tells of a server: all of it but for what its name says. It is a
// fifth of the work that `show stat` is for HAProxy, in which a failed check hides a drain.
struct ServerState {
  Server server;
  bool up = false;  // as far as its checks say
  bool operator==(const ServerState&) const = default;
};
using ServerStates = std::map<std::string, std::map<std::string, ServerState>>;  // by backend and server

Result<ServerStates> parseServersState(std::string_view answer);

}  // namespace libra::sidecar::haproxy
