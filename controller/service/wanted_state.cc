#include "controller/service/wanted_state.h"

namespace libra::service {

using namespace libra::model;

namespace {

protocol::NodeState stateOf(const Node& node) {
  return {std::to_string(node.id), node.address, node.port, node.weight, node.enabled, node.backup};
}

protocol::MonitorState stateOf(const HealthMonitor& monitor) {
  protocol::MonitorState state;
  state.type = monitor.type;
  state.delay = std::chrono::seconds(monitor.delay);
  state.timeout = std::chrono::seconds(monitor.timeout);
  state.attempts = monitor.attempts;
  if (!monitor.path.empty()) state.path = monitor.path;
  return state;
}

protocol::OptionsState stateOf(const Options& options) {
  protocol::OptionsState state;
  if (options.timeout)
    state.client_timeout = state.server_timeout = state.connect_timeout = std::chrono::milliseconds(*options.timeout);
  if (options.retries) state.retries = *options.retries;
  return state;
}

protocol::LoadBalancerState stateOf(const LoadBalancer& lb, const std::vector<VirtualIp>& vips) {
  protocol::LoadBalancerState state;
  state.id = std::to_string(lb.id);
  state.name = lb.name;
  state.protocol = lb.protocol;
  state.port = lb.port;
  for (const auto& vip : vips) state.addresses.push_back(vip.address);
  state.algorithm = lb.algorithm;
  state.options = stateOf(lb.options);
  state.monitor = stateOf(lb.monitor.value_or(HealthMonitor{}));
  for (const auto& node : lb.nodes) state.nodes.push_back(stateOf(node));
  return state;
}

}  // namespace

protocol::DeviceState wantedState(const Device& device, const std::vector<LoadBalancer>& load_balancers,
                                  const std::vector<VirtualIp>& vips) {
  protocol::DeviceState state;
  state.generation = device.generation;
  for (const auto& lb : load_balancers)
    if (lb.status != LbStatus::PendingDelete && lb.status != LbStatus::Deleted)
      state.load_balancers.push_back(stateOf(lb, vips));
  if (state.load_balancers.empty()) return state;
  for (const auto& vip : vips) state.virtual_ips.push_back({vip.address, vip.prefix, vip.epoch});
  return state;
}

}  // namespace libra::service
