#pragma once

// The rules of spec/libra.md 1.6 as pure functions: what a tenant asked for becomes
// model structs, or the error with the spec's text. Checks run in the spec's order.

#include <string>
#include <string_view>
#include <vector>

#include "controller/model/limits.h"
#include "controller/model/load_balancer.h"
#include "controller/service/requests.h"
#include "lib/base/net_address.h"
#include "lib/base/result.h"

namespace libra::service {

// Checks 4-9 of 1.6.6, one node after the other. No filters: any IPv4 address.
Result<std::vector<model::NewNode>> checkNodes(const std::vector<NodeRequest>& nodes,
                                               const std::vector<NetRange>& filters);
Result<int> checkWeight(std::int64_t weight);
Result<model::Options> checkOptions(const OptionsRequest& options);

// Checks 3-12 of 1.6.6, which need no limits: the new load balancer but for its protocol and port.
Result<model::NewLoadBalancer> checkNew(const LoadBalancerRequest& request, const std::vector<NetRange>& filters);
// Check 13. The limit counts characters.
Status checkName(std::string_view name, const model::Limits& limits);
Status checkNodeCount(std::size_t nodes, const model::Limits& limits);  // check 15
// Checks 16-18; without a port the protocol's default, which `rules` need not allow.
Result<model::PortRule> checkListener(const LoadBalancerRequest& request, const std::vector<model::PortRule>& rules);
// Checks 21b-23b against all load balancers on the shared device.
// `queue`: those that wait for their device do not stand in the way.
Status checkNeighbours(const model::PortRule& wanted, const std::vector<model::LoadBalancer>& neighbours,
                       bool queue = false);

Status checkMutable(const model::LoadBalancer& lb, bool queue = false);
Status checkDeletable(const model::LoadBalancer& lb, bool queue = false);

// Whether a change may join the one that the device is given now (Context::queue_changes).
bool takesMore(model::LbStatus status);

// Of 1.6.12: the load balancer may take these nodes too.
Status checkAddedNodes(const model::LoadBalancer& lb, const std::vector<model::NewNode>& added,
                       const model::Limits& limits);
// Of 1.6.13 and 1.6.14: the node may be disabled, or removed.
Status checkDisable(const model::LoadBalancer& lb, const model::Node& node);
Status checkRemove(const model::LoadBalancer& lb, const model::Node& node);

// Of 1.6.16, but for the state of the load balancer.
Result<model::HealthMonitor> checkMonitor(const MonitorRequest& request);
std::string encodePath(std::string_view path);  // percent-encoding as 1.6.16 has it

}  // namespace libra::service
