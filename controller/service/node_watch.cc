#include "controller/service/node_watch.h"

#include <algorithm>
#include <limits>

#include "controller/service/node_health.h"
#include "lib/log/log.h"

namespace libra::service {

using namespace libra::model;

namespace {

constexpr log::Logger kLog{"nodes"};
constexpr int kEventsLookedAt = 100;

using Health = std::map<std::string, protocol::NodeHealth>;

// Stores what changed since the last report. True if any node did.
bool storeNodes(Txn& txn, LoadBalancer& lb, const Health& health, Time now) {
  bool changed = false;
  for (auto& node : lb.nodes) {
    const auto report = health.find(std::to_string(node.id));
    if (report == health.end() || node.status == NodeStatus::Offline) continue;
    const bool up = report->second == protocol::NodeHealth::Up;
    const auto status = up ? NodeStatus::Online : NodeStatus::Error;
    if (node.status == status || !txn.loadBalancers().reportNode(node.id, up)) continue;
    node.status = status;
    changed = true;
    txn.journal().event({up ? "node.up" : "node.down", "node/" + std::to_string(node.id),
                         node.address.str() + ":" + std::to_string(node.port)},
                        now);
  }
  return changed;
}

// True if its row was written.
bool storeLoadBalancer(Txn& txn, const LoadBalancer& lb, bool nodes_changed, Time now) {
  if (lb.status == LbStatus::Error && nodes_changed)
    txn.loadBalancers().setStatus(lb.id, lb.status, lb.status, "Load balancer has failed");
  const bool failed = hasFailedNode(lb);
  const auto to = next(lb.status, failed ? LbEvent::NodeFailed : LbEvent::NodesRecovered);
  if (!to || !txn.loadBalancers().setStatus(lb.id, lb.status, *to, failed ? kNodeFailed : kNodeRecovered)) return false;
  txn.journal().event({failed ? "loadbalancer.degraded" : "loadbalancer.active",
                       "loadbalancer/" + std::to_string(lb.id), std::string(failed ? kNodeFailed : kNodeRecovered)},
                      now);
  return true;
}

// A device tells an event until it is old; it is stored the first time.  True when any was.
bool storeEvents(Txn& txn, std::int64_t device, const std::vector<std::string>& events, Time now) {
  if (events.empty()) return false;
  const auto object = "device/" + std::to_string(device);
  const auto known = txn.journal().events(object, std::numeric_limits<std::int64_t>::max(), kEventsLookedAt);
  bool stored = false;
  for (const auto& text : events) {
    if (std::any_of(known.begin(), known.end(), [&](const auto& event) { return event.text == text; })) continue;
    txn.journal().event({"device.repaired", object, text}, now);
    stored = true;
  }
  return stored;
}

void store(const Context& context, std::int64_t device, const protocol::Answer& told, const Tenure& tenure) {
  const auto stored = context.store.transact([&](Txn& txn) -> Status {
    bool wrote = false;
    for (auto& lb : txn.loadBalancers().onDevice(device)) {
      const bool changed = storeNodes(txn, lb, told.nodes, context.clock.now());
      wrote |= storeLoadBalancer(txn, lb, changed, context.clock.now()) || changed;
    }
    wrote |= storeEvents(txn, device, told.events, context.clock.now());
    // Most reports change nothing, and then the lease's row is not written either.
    return wrote ? fence(txn, tenure) : ok();
  });
  if (!stored) kLog.warn("device {}: cannot store node health: {}", device, stored.error().detail);
}

}  // namespace

NodeWatch::NodeWatch(const Context& context, DeviceGateway& gateway, DeviceSync::Run run)
    : round_(
          context, std::move(run),
          [&gateway](const Device& device, DeviceGateway::Done done) { gateway.stats(device.name, std::move(done)); },
          [context](std::int64_t device, const protocol::Answer& told, const Tenure& tenure) {
            store(context, device, told, tenure);
          }) {}

}  // namespace libra::service
