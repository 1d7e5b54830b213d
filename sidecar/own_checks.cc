#include "sidecar/own_checks.h"

#include <algorithm>

#include "lib/log/log.h"

namespace libra::sidecar {

namespace {

constexpr log::Logger kLog{"checks"};

using protocol::NodeHealth;

// A node that speaks TLS is asked by TLS, as the proxy's own checks do.
protocol::MonitorState monitorFor(const protocol::LoadBalancerState& balancer, const protocol::NodeState& node) {
  auto monitor = balancer.monitor;
  if (node.tls && monitor.type == MonitorType::Http) monitor.type = MonitorType::Https;
  return monitor;
}

}  // namespace

Status OwnChecks::keepUp(const protocol::DeviceState& wanted, std::map<std::string, NodeCheck>& health) {
  auto watched = peers(wanted, health);
  first_look_ = false;
  std::map<std::string, NodeHealth> found;
  for (const auto& [key, verdict] : checks_.verdicts())
    if (watched.count(key) != 0) found[key.node] = verdict.up ? NodeHealth::Up : NodeHealth::Down;
  checks_.watch(std::move(watched));
  if (found.empty()) return ok();
  if (auto told = driver_.setHealth(found); !told) return told;
  for (const auto& [id, is] : found)
    if (const auto node = health.find(id); node != health.end()) node->second.health = is;
  return ok();
}

void OwnChecks::explain(std::map<std::string, NodeCheck>& health) const {
  for (const auto& [key, verdict] : checks_.verdicts())
    if (const auto node = health.find(key.node); node != health.end()) node->second.found = verdict.reason;
}

std::map<checks::PeerKey, checks::Peer> OwnChecks::peers(const protocol::DeviceState& wanted,
                                                         const std::map<std::string, NodeCheck>& health) {
  std::map<checks::PeerKey, checks::Peer> peers;
  std::set<Monitor> used;
  for (const auto& balancer : wanted.load_balancers) {
    if (driver_.checksItself(balancer.monitor)) continue;
    for (const auto& node : balancer.nodes) {
      const auto monitor = node.enabled ? monitorOf(balancer, node) : nullptr;
      if (!monitor) continue;
      const auto now = health.find(node.id);
      const bool down = first_look_ && now != health.end() && now->second.health == NodeHealth::Down;
      peers[{balancer.id, node.id}] = {{node.address, node.port}, monitor, !down};
      used.insert(monitor);
    }
  }
  monitors_ = std::move(used);
  return peers;
}

OwnChecks::Monitor OwnChecks::monitorOf(const protocol::LoadBalancerState& balancer, const protocol::NodeState& node) {
  const auto wanted = monitorFor(balancer, node);
  const auto known = std::ranges::find_if(monitors_, [&](const auto& monitor) { return monitor->wanted == wanted; });
  if (known != monitors_.end()) return *known;
  auto made = checks::Monitor::make(wanted);
  if (made) return *monitors_.insert(*std::move(made)).first;
  kLog.error("load balancer {} is not checked: {}", balancer.id, made.error().message);
  return nullptr;
}

}  // namespace libra::sidecar
