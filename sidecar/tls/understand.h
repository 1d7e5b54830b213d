#pragma once

#include <cstddef>

#include "lib/base/result.h"
#include "lib/protocol/device_state.h"

namespace libra::sidecar {

// The load balancer's certificates and authority checked and written anew, in a fixed order:
// nothing of a tenant's text but host names is left. Certificate, chain and key together have
// at most `longest` bytes. Invalid, for the tenant: why not.
Status understand(protocol::LoadBalancerState& balancer, std::size_t longest);

}  // namespace libra::sidecar
