#pragma once

// Load balancers and nodes in memory.

#include "tests/support/memory/tables.h"

namespace libra::test::memory {

// Without what a list does not show.
inline LoadBalancer brief(LoadBalancer lb) {
  lb.node_count = static_cast<int>(lb.nodes.size());
  lb.nodes.clear();
  lb.monitor.reset();
  return lb;
}

inline bool waits(LbStatus status) {
  return status == LbStatus::Build || status == LbStatus::PendingUpdate || status == LbStatus::PendingDelete ||
         status == LbStatus::Rebuilding;
}

class LoadBalancers final : public service::LoadBalancerTable, MemoryTables {
 public:
  using MemoryTables::MemoryTables;

  std::vector<LoadBalancer> list(std::string_view tenant, bool deleted) override {
    std::vector<LoadBalancer> found;
    for (const auto& [id, row] : rows.load_balancers) {
      if (row.tenant == tenant && (row.status == LbStatus::Deleted) == deleted) found.push_back(brief(row));
    }
    return found;
  }
  std::vector<LoadBalancer> listAll() override {
    std::vector<LoadBalancer> found;
    for (const auto& [id, row] : rows.load_balancers)
      if (row.status != LbStatus::Deleted) found.push_back(brief(row));
    return found;
  }
  std::optional<LoadBalancer> findAny(std::int64_t id) override {
    const auto* row = lb(id);
    return row ? find(row->tenant, id) : std::nullopt;
  }
  std::optional<LoadBalancer> find(std::string_view tenant, std::int64_t id) override {
    const auto* row = lb(id);
    if (!row || row->tenant != tenant || row->status == LbStatus::Deleted) return std::nullopt;
    return whole(*row);
  }
  std::vector<LoadBalancer> onDevice(std::int64_t device) override {
    std::vector<LoadBalancer> found;
    for (const auto& [id, row] : rows.load_balancers)
      if (row.device == device && row.status != LbStatus::Deleted)
        found.push_back(whole(row)), found.back().virtual_ip.reset();
    return found;
  }

  LoadBalancer insert(const NewLoadBalancer& wanted, std::int64_t device, std::uint64_t generation, Time now,
                      Time deadline) override {
    if (!MemoryTables::device(device)) throw Broken{"no such device"};
    LoadBalancer row;
    row.id = newId();
    row.tenant = wanted.tenant;
    row.name = wanted.name;
    row.protocol = wanted.protocol;
    row.port = wanted.port;
    row.algorithm = wanted.algorithm;
    row.options = wanted.options;
    row.device = device;
    row.generation = generation;
    row.created = row.updated = rounded(now);
    row.deadline = rounded(deadline);
    const auto id = row.id;
    rows.load_balancers.emplace(id, std::move(row));
    addNodes(id, wanted.nodes);
    auto inserted = whole(*lb(id));
    inserted.virtual_ip.reset();
    return inserted;
  }
  void change(std::int64_t id, const std::optional<std::string>& name, const std::optional<Algorithm>& algorithm,
              const Options& given) override {
    auto* row = lb(id);
    if (!row) return;
    if (name) row->name = *name;
    if (algorithm) row->algorithm = *algorithm;
    if (given.timeout) row->options.timeout = given.timeout;
    if (given.retries) row->options.retries = given.retries;
  }
  bool setStatus(std::int64_t id, LbStatus from, LbStatus to, std::string_view description) override {
    auto* row = lb(id);
    if (!row || row->status != from) return false;
    row->status = to;
    row->status_description = utf8Prefix(description, 128);
    return true;
  }
  void setPending(std::int64_t id, std::uint64_t generation, Time now, Time deadline) override {
    auto* row = lb(id);
    if (!row) return;
    row->generation = generation;
    row->updated = rounded(now);
    row->deadline = rounded(deadline);
  }
  void moveTo(std::int64_t id, std::int64_t device) override {
    if (!MemoryTables::device(device)) throw Broken{"no such device"};
    if (auto* row = lb(id)) row->device = device;
  }
  int expunge(Time before, int most) override {
    return static_cast<int>(std::erase_if(rows.load_balancers, [&, left = most](const auto& row) mutable {
      return row.second.status == LbStatus::Deleted && row.second.updated < before && left-- > 0;
    }));
  }
  void markDeleted(std::int64_t id, Time now) override {
    auto* row = lb(id);
    if (!row) return;
    row->status = LbStatus::Deleted;
    row->status_description.clear();
    row->device = 0;
    row->updated = rounded(now);
    row->nodes.clear();
    row->monitor.reset();
  }

  std::vector<Node> addNodes(std::int64_t id, const std::vector<NewNode>& nodes) override {
    if (nodes.empty()) return {};
    auto* row = lb(id);
    if (!row) throw Broken{"no such load balancer"};
    std::vector<Node> added;
    for (const auto& wanted : nodes) {
      Node node{wanted, newId(), wanted.enabled ? NodeStatus::Online : NodeStatus::Offline};
      row->nodes.push_back(node);
      added.push_back(node);
    }
    return added;
  }
  bool changeNode(std::int64_t id, std::int64_t node, std::optional<bool> enabled, std::optional<int> weight) override {
    auto* row = lb(id);
    if (!row) return false;
    for (auto& n : row->nodes) {
      if (n.id != node) continue;
      if (enabled) {
        n.enabled = *enabled;
        n.status = *enabled ? NodeStatus::Online : NodeStatus::Offline;
      }
      if (weight) n.weight = *weight;
      return true;
    }
    return false;
  }
  bool removeNode(std::int64_t id, std::int64_t node) override {
    auto* row = lb(id);
    return row && std::erase_if(row->nodes, [&](const Node& n) { return n.id == node; }) == 1;
  }
  bool reportNode(std::int64_t node, bool up) override {
    const auto from = up ? NodeStatus::Error : NodeStatus::Online;
    for (auto& [id, row] : rows.load_balancers)
      for (auto& n : row.nodes)
        if (n.id == node && n.status == from) {
          n.status = up ? NodeStatus::Online : NodeStatus::Error;
          return true;
        }
    return false;
  }

  void putMonitor(std::int64_t id, const HealthMonitor& monitor) override {
    auto* row = lb(id);
    if (!row) throw Broken{"no such load balancer"};
    row->monitor = monitor;
  }
  void removeMonitor(std::int64_t id) override {
    if (auto* row = lb(id)) row->monitor.reset();
  }

  std::vector<std::pair<std::int64_t, std::int64_t>> overdue(Time now, int most) override {
    std::vector<std::tuple<Time, std::int64_t, std::int64_t>> late;
    for (const auto& [id, row] : rows.load_balancers) {
      if (waits(row.status) && row.deadline <= rounded(now)) late.emplace_back(row.deadline, id, row.device);
    }
    std::sort(late.begin(), late.end());
    std::vector<std::pair<std::int64_t, std::int64_t>> found;
    for (const auto& [deadline, id, device] : late)
      if (static_cast<int>(found.size()) < most) found.emplace_back(id, device);
    return found;
  }
  std::map<LbStatus, int> counts() override {
    std::map<LbStatus, int> counts;
    for (const auto& [id, row] : rows.load_balancers) ++counts[row.status];
    return counts;
  }
  std::optional<Time> oldestPending() override {
    std::optional<Time> oldest;
    for (const auto& [id, row] : rows.load_balancers)
      if (waits(row.status) && (!oldest || row.updated < *oldest)) oldest = row.updated;
    return oldest;
  }
};

}  // namespace libra::test::memory
