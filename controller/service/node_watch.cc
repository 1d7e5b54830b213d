#include "controller/service/node_watch.h"

#include <atomic>
#include <set>

#include "controller/service/node_health.h"
#include "lib/log/log.h"

namespace libra::service {

using namespace libra::model;

namespace {

constexpr log::Logger kLog{"nodes"};
constexpr int kMostDevices = 100'000;

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

void storeLoadBalancer(Txn& txn, const LoadBalancer& lb, bool nodes_changed, Time now) {
  if (lb.status == LbStatus::Error && nodes_changed)
    txn.loadBalancers().setStatus(lb.id, lb.status, lb.status, "Load balancer has failed");
  const bool failed = hasFailedNode(lb);
  const auto to = next(lb.status, failed ? LbEvent::NodeFailed : LbEvent::NodesRecovered);
  if (!to || !txn.loadBalancers().setStatus(lb.id, lb.status, *to, failed ? kNodeFailed : kNodeRecovered)) return;
  txn.journal().event({failed ? "loadbalancer.degraded" : "loadbalancer.active",
                       "loadbalancer/" + std::to_string(lb.id), std::string(failed ? kNodeFailed : kNodeRecovered)},
                      now);
}

}  // namespace

struct NodeWatch::Impl : std::enable_shared_from_this<Impl> {
  Impl(Context c, DeviceGateway& g, DeviceSync::Run r) : context(std::move(c)), gateway(g), run(std::move(r)) {}

  void ask();
  void store(std::int64_t device, const Health& health);

  const Context context;
  DeviceGateway& gateway;
  const DeviceSync::Run run;
  Locked<std::set<std::int64_t>> asked;
  std::atomic<bool> asking{false};
};

void NodeWatch::Impl::ask() {
  const auto devices = context.store.transact([&](Txn& txn) -> Result<std::vector<Device>> {
    return txn.devices().withStatus(DeviceStatus::Online, kMostDevices);
  });
  if (!devices) return kLog.warn("cannot list the devices: {}", devices.error().detail);
  for (const auto& device : *devices) {
    if (!asked.lock()->insert(device.id).second) continue;
    gateway.stats(device.name, [weak = weak_from_this(), id = device.id](Result<protocol::Answer> answer) {
      const auto self = weak.lock();
      if (!self) return;
      if (!answer || !answer->pass) {
        kLog.debug("device {} tells no node health: {}", id, answer ? answer->error : answer.error().message);
        self->asked.lock()->erase(id);
        return;
      }
      self->run([self, id, health = std::move(answer->nodes)] { self->store(id, health); });
    });
  }
}

void NodeWatch::Impl::store(std::int64_t device, const Health& health) {
  const auto stored = context.store.transact([&](Txn& txn) -> Status {
    for (auto& lb : txn.loadBalancers().onDevice(device)) {
      const bool changed = storeNodes(txn, lb, health, context.clock.now());
      storeLoadBalancer(txn, lb, changed, context.clock.now());
    }
    return ok();
  });
  if (!stored) kLog.warn("device {}: cannot store node health: {}", device, stored.error().detail);
  asked.lock()->erase(device);
}

NodeWatch::NodeWatch(Context context, DeviceGateway& gateway, DeviceSync::Run run)
    : impl_(std::make_shared<Impl>(std::move(context), gateway, std::move(run))) {}

NodeWatch::~NodeWatch() = default;

void NodeWatch::poll() {
  if (impl_->asking.exchange(true)) return;
  impl_->run([self = impl_] {
    self->ask();
    self->asking = false;
  });
}

}  // namespace libra::service
