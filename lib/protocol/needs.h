#pragma once

#include <string>
#include <vector>

#include "lib/protocol/device_state.h"

namespace libra::protocol {

// The capabilities, in the words of DISCOVER, that a device must have to carry it.
std::vector<std::string> needs(const LoadBalancerState& balancer);

// The first need that is not among the words; "" when all are.
std::string unmetNeed(const LoadBalancerState& balancer, const std::vector<std::string>& words);

// All words needs() knows.
std::vector<std::string> everyNeed();

}  // namespace libra::protocol
