#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "lib/base/result.h"
#include "sidecar/haproxy/proxy_state.h"

namespace libra::sidecar::haproxy {

// What only `show servers state` tells: in `show stat` a failed check hides a drain.
struct Operation {
  Admin admin = Admin::Maintenance;
  bool up = false;  // as far as its checks say
  bool operator==(const Operation&) const = default;
};
using Operations = std::map<std::pair<std::string, std::string>, Operation>;  // by backend and server

Result<Operations> parseServersState(std::string_view answer);

}  // namespace libra::sidecar::haproxy
