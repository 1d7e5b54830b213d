#include "sidecar/haproxy/node_health.h"

#include <set>

#include "sidecar/haproxy/descriptor.h"
#include "sidecar/haproxy/words.h"

namespace libra::sidecar::haproxy {

std::map<std::string, NodeCheck> healthOf(const LiveState& live) {
  std::map<std::string, NodeCheck> health;
  for (const auto& server : live.activity) {
    const auto name = ServerName::parse(server.name);
    const auto descriptor = descriptorOf(live.state, server.backend);
    const bool retired = live.state.servers.at(server.backend).at(server.name).retired();
    if (!name || !descriptor || retired) continue;
    health[name->node] = {server.up ? protocol::NodeHealth::Up : protocol::NodeHealth::Down, server.check};
  }
  return health;
}

// What a server in maintenance was found to be says nothing: it is not looked at.
std::vector<Step> stillDown(const LiveState& before, const LiveState& now) {
  const auto name = [](const LiveState& live, const ServerActivity& server) {
    const bool rests = live.state.servers.at(server.backend).at(server.name).admin == Admin::Maintenance;
    return rests ? std::nullopt : ServerName::parse(server.name);
  };
  std::set<std::string> down;
  for (const auto& server : before.activity)
    if (const auto was = name(before, server); was && !server.up) down.insert(was->node);
  std::vector<Step> steps;
  for (const auto& server : now.activity)
    if (const auto is = name(now, server); is && server.up && down.count(is->node))
      steps.push_back(SetHealth{server.backend, server.name, false});
  return steps;
}

std::vector<Step> toldHealth(const LiveState& live, const std::map<std::string, protocol::NodeHealth>& nodes) {
  std::vector<Step> steps;
  for (const auto& server : live.activity) {
    const auto name = ServerName::parse(server.name);
    const bool resting = live.state.servers.at(server.backend).at(server.name).admin == Admin::Maintenance;
    if (!name || name->delay != 0 || resting) continue;  // another checks it, or nobody needs to know
    const auto node = nodes.find(name->node);
    if (node == nodes.end()) continue;
    const bool up = node->second == protocol::NodeHealth::Up;
    if (up != server.up) steps.push_back(SetHealth{server.backend, server.name, up});
  }
  return steps;
}

}  // namespace libra::sidecar::haproxy
