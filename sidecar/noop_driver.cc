#include "sidecar/noop_driver.h"

#include "lib/protocol/needs.h"

namespace libra::sidecar {

Result<Applied> NoopDriver::apply(const protocol::DeviceState& wanted) {
  Applied applied;
  applied.generation = wanted.generation;
  applied.mechanism = wanted == state_ ? Mechanism::None : Mechanism::Runtime;
  for (const auto& lb : wanted.load_balancers)
    for (const auto& node : lb.nodes) applied.node_ok[node.id] = true;
  state_ = wanted;
  return applied;
}

Result<protocol::DeviceState> NoopDriver::live() {
  auto running = state_;
  running.virtual_ips.clear();
  return running;
}

Result<std::map<std::string, NodeCheck>> NoopDriver::health() {
  std::map<std::string, NodeCheck> nodes;
  for (const auto& lb : state_.load_balancers)
    for (const auto& node : lb.nodes) nodes[node.id] = {};
  return nodes;
}

Result<Usage> NoopDriver::usage() {
  Usage usage;
  usage.proxy_start = 1;
  for (const auto& lb : state_.load_balancers) usage.load_balancers.push_back({lb.id, lb.protocol, {}, {}});
  return usage;
}

Capabilities NoopDriver::capabilities() const {
  return {.driver = "noop", .version = "", .words = protocol::everyNeed(), .max_load_balancers = 8};
}

Result<std::string> NoopDriver::explain() { return "no proxy, generation " + std::to_string(state_.generation) + "\n"; }

Result<ColdStart> NoopDriver::coldStart(const protocol::DeviceState&) {
  return ColdStart([] { return ok(); });
}

}  // namespace libra::sidecar
