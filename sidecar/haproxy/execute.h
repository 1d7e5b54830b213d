#pragma once

#include <vector>

#include "lib/base/result.h"
#include "sidecar/haproxy/runtime_socket.h"
#include "sidecar/haproxy/step.h"

namespace libra::sidecar::haproxy {

// Runs the steps in one batch. Conflict, with HAProxy's words in the detail, when any
// answer is not the one that means "done"; the steps after it were tried all the same.
Status execute(RuntimeSocket& socket, const std::vector<Step>& steps);

}  // namespace libra::sidecar::haproxy
