#pragma once

#include <vector>

#include "sidecar/driver.h"
#include "sidecar/haproxy/layout.h"
#include "sidecar/haproxy/step.h"

namespace libra::sidecar::haproxy {

// Stages run in order, each only when every step of the one before was done. After each
// single step a connection meets a load balancer as it was or as it shall be.
struct Plan {
  std::vector<std::vector<Step>> stages;  // none is empty
  Mechanism mechanism = Mechanism::None;

  bool empty() const { return stages.empty(); }
};

// What turns `live` into `target`, which was laid out for it. Pure. Retired servers are
// left to their quarantine, and what no descriptor names any more to later.
Plan plan(const ProxyState& live, const Layout& target);

}  // namespace libra::sidecar::haproxy
