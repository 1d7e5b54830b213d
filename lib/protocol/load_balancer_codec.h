#pragma once

// One load balancer inside an UPDATE message. To add an attribute: its field in
// LoadBalancerState, a read…() in the table of the .cc at its place in the order of
// validation, and its line in writeLoadBalancer(). The nodes have a file of their own, and so
// have TLS and the policies: what an ancestor's message does not know.

#include <optional>
#include <variant>

#include "lib/protocol/device_job.h"

namespace libra::protocol {

using Problem = std::variant<BadRequest, Refused>;
using Checked = std::optional<Problem>;  // nothing: all is well

inline Problem missing(std::string_view what) { return BadRequest{"Missing " + std::string(what)}; }
inline Problem refused(std::string error = {}) { return Refused{std::move(error)}; }

// What a reader sees beside the message: the load balancer is judged in its device.
struct Surroundings {
  const DeviceState& before;                              // the load balancers read so far
  bool legacy() const { return before.generation == 0; }  // an ancestor's message: our additions are ignored
};

Checked readLoadBalancer(const json::Value& message, const Surroundings& around, LoadBalancerState& lb);
json::Value writeLoadBalancer(const LoadBalancerState& lb);

Checked readPolicies(const json::Value& message, LoadBalancerState& lb);
void writePolicies(const LoadBalancerState& lb, json::Value& message);

Checked readTls(const json::Value& message, LoadBalancerState& lb);
void writeTls(const LoadBalancerState& lb, json::Value& message);
void hideKeys(json::Value& update);  // private keys become *****, as in every answer

Checked readNodes(const json::Value& message, const Surroundings& around, LoadBalancerState& lb);
json::Value writeNodes(const LoadBalancerState& lb);

}  // namespace libra::protocol
