#pragma once

#include <algorithm>
#include <string_view>

#include "controller/model/load_balancer.h"

namespace libra::service {

// What a tenant reads when the health of its nodes changed a load balancer (spec 2.1).
inline constexpr std::string_view kNodeFailed = "A node on the load balancer has failed";
inline constexpr std::string_view kNodeRecovered = "A node on the load balancer has recovered";

// Some enabled node is in ERROR: the load balancer is DEGRADED rather than ACTIVE.
inline bool hasFailedNode(const model::LoadBalancer& lb) {
  return std::any_of(lb.nodes.begin(), lb.nodes.end(),
                     [](const model::Node& node) { return node.enabled && node.status == model::NodeStatus::Error; });
}

}  // namespace libra::service
