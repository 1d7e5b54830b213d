#include "controller/service/nodes.h"

#include <algorithm>

#include "controller/service/change.h"
#include "controller/service/validation.h"

namespace libra::service {

using namespace libra::model;

namespace {

Error notFound(const char* text) { return {ErrorCode::NotFound, text}; }

const Node* nodeOf(const LoadBalancer& lb, std::int64_t id) {
  const auto it = std::find_if(lb.nodes.begin(), lb.nodes.end(), [&](const Node& node) { return node.id == id; });
  return it == lb.nodes.end() ? nullptr : &*it;
}

}  // namespace

Result<std::vector<Node>> Nodes::list(const std::string& tenant, std::int64_t lb) {
  auto found = context_.store.transact([&](Txn& txn) -> Result<std::vector<Node>> {
    auto row = txn.loadBalancers().find(tenant, lb);
    if (!row) return notFound("Load Balancer not found");
    return std::move(row->nodes);
  });
  if (found) context_.counters.add("api_node_get");
  return found;
}

Result<Node> Nodes::find(const std::string& tenant, std::int64_t lb, std::int64_t node) {
  auto found = context_.store.transact([&](Txn& txn) -> Result<Node> {
    const auto row = txn.loadBalancers().find(tenant, lb);
    const auto* seen = row ? nodeOf(*row, node) : nullptr;
    if (!seen) return notFound("node not found");
    return *seen;
  });
  if (found) context_.counters.add("api_node_get");
  return found;
}

Result<std::vector<Node>> Nodes::add(const std::string& tenant, std::int64_t lb,
                                     const std::vector<NodeRequest>& nodes) {
  if (nodes.empty()) return Error{ErrorCode::Invalid, "No nodes have been supplied"};
  const auto wanted = checkNodes(nodes, context_.node_filters);
  if (!wanted) return wanted.error();

  std::vector<Node> added;
  const auto device = context_.store.transact([&](Txn& txn) -> Result<std::int64_t> {
    const auto held = hold(txn, tenant, lb);
    if (!held) return notFound("Load Balancer not found");
    if (auto free = checkMutable(held->lb, context_.queue_changes); !free) return free.error();
    if (auto fits = checkAddedNodes(held->lb, *wanted, txn.limits().limits(tenant)); !fits) return fits.error();
    added = txn.loadBalancers().addNodes(lb, *wanted);
    return beginChange(txn, context_, *held, LbEvent::ChangeRequested);
  });
  if (auto done = endChange(context_, device, "api_node_create"); !done) return done.error();
  return added;
}

Status Nodes::change(const std::string& tenant, std::int64_t lb, std::int64_t node, const NodeChange& change) {
  if (!change.enabled && !change.weight) return Error{ErrorCode::Invalid, "Node condition or weight is required"};

  const auto device = context_.store.transact([&](Txn& txn) -> Result<std::int64_t> {
    const auto held = hold(txn, tenant, lb);
    if (!held) return notFound("Load Balancer ID is not valid");
    const auto* seen = nodeOf(held->lb, node);
    if (!seen) return notFound("Node ID is not valid");
    if (change.enabled == false)
      if (auto free = checkDisable(held->lb, *seen); !free) return free.error();
    std::optional<int> weight;
    if (change.weight) {
      const auto checked = checkWeight(*change.weight);
      if (!checked) return checked.error();
      weight = *checked;
    }
    if (auto free = checkMutable(held->lb, context_.queue_changes); !free) return free.error();
    txn.loadBalancers().changeNode(lb, node, change.enabled, weight);
    return beginChange(txn, context_, *held, LbEvent::ChangeRequested);
  });
  return endChange(context_, device, "api_node_modify");
}

Status Nodes::remove(const std::string& tenant, std::int64_t lb, std::int64_t node) {
  const auto device = context_.store.transact([&](Txn& txn) -> Result<std::int64_t> {
    const auto held = hold(txn, tenant, lb);
    if (!held) return notFound("Load Balancer not found");
    if (auto free = checkMutable(held->lb, context_.queue_changes); !free) return free.error();
    const auto* seen = nodeOf(held->lb, node);
    if (!seen) return notFound("Node not found in supplied Load Balancer");
    if (auto free = checkRemove(held->lb, *seen); !free) return free.error();
    txn.loadBalancers().removeNode(lb, node);
    return beginChange(txn, context_, *held, LbEvent::ChangeRequested);
  });
  return endChange(context_, device, "api_node_delete");
}

}  // namespace libra::service
