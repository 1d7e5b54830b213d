#include "sidecar/noop_driver.h"

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

Result<std::map<std::string, protocol::NodeHealth>> NoopDriver::health() {
  std::map<std::string, protocol::NodeHealth> nodes;
  for (const auto& lb : state_.load_balancers)
    for (const auto& node : lb.nodes) nodes[node.id] = protocol::NodeHealth::Up;
  return nodes;
}

Result<Usage> NoopDriver::usage() {
  Usage usage;
  usage.proxy_start = 1;
  for (const auto& lb : state_.load_balancers)
    usage.load_balancers.push_back({.lb_id = lb.id, .protocol = lb.protocol});
  return usage;
}

Capabilities NoopDriver::capabilities() const {
  return {.driver = "noop", .version = "", .words = {"http", "tcp", "galera", "monitor-http"}, .max_load_balancers = 8};
}

Status NoopDriver::writeColdStart(const protocol::DeviceState&) { return ok(); }

}  // namespace libra::sidecar
