#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "lib/base/result.h"
#include "lib/protocol/device_state.h"
#include "lib/regex/pattern.h"

namespace libra::sidecar::checks {

// How a node is checked, made ready. Shared by all nodes of a load balancer.
struct Monitor {
  protocol::MonitorState wanted;
  std::optional<Pattern> status;  // none: 200 to 399
  std::optional<Pattern> body;    // none: whatever it is

  // Invalid for an expression that is none.
  static Result<std::shared_ptr<const Monitor>> make(const protocol::MonitorState& wanted);
};

}  // namespace libra::sidecar::checks
