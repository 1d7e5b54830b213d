#include "sidecar/node_history.h"

namespace libra::sidecar {

void NodeHistory::observe(const std::map<std::string, NodeCheck>& now) {
  std::erase_if(nodes_, [&](const auto& node) { return now.count(node.first) == 0; });
  for (const auto& [id, check] : now) {
    const auto [it, added] = nodes_.try_emplace(id);
    auto& node = it->second;
    node.last_check = check.found;
    if (!added && node.health == check.health) continue;
    node.health = check.health;
    node.reason = check.found;
    node.since = clock_.now();
    if (added) continue;
    node.changes.push_back({node.health, node.reason, node.since});
    if (node.changes.size() > kMostChanges) node.changes.erase(node.changes.begin());
  }
}

}  // namespace libra::sidecar
