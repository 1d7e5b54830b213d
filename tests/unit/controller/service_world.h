#pragma once

#include <deque>
#include <memory>

#include "controller/service/device_sync.h"
#include "controller/service/health_monitors.h"
#include "controller/service/load_balancers.h"
#include "controller/service/node_watch.h"
#include "controller/service/nodes.h"
#include "tests/support/builders.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_gateway.h"
#include "tests/support/memory_store.h"

namespace libra::test {

// A controller's services over a store in memory and played devices. Work meant for a
// pool waits in a queue until settle() or step(), so a test decides when it happens and
// may let the controller die in between.
class World {
 public:
  using Mood = FakeGateway::Mood;
  using LbStatus = model::LbStatus;

  World() {
    leases.campaign();
    start();
  }

  MemoryStore store;
  FakeClock clock;
  FakeGateway gateway;
  service::Counters counters{store};
  // Holds all leases and never lets go by itself, however far time leaps.
  service::LeaseKeeper leases{store, clock, "world", {.stop_after = std::chrono::hours(24 * 365)}};
  service::ChangePhases phases;
  int released = 0;

  service::Context context() {
    return {store,
            clock,
            counters,
            leases,
            [this](std::int64_t device) { sync_->wake(device); },
            [this](std::int64_t device, service::DeviceJob job) { sync_->begin(device, std::move(job)); },
            {}};
  }
  service::LoadBalancers lbs() { return service::LoadBalancers(context()); }
  service::Nodes nodes() { return service::Nodes(context()); }
  service::HealthMonitors monitors() { return service::HealthMonitors(context()); }
  service::DeviceSync& sync() { return *sync_; }
  service::DeviceSync::Run run() {
    return [this](std::function<void()> task) { tasks_.push_back(std::move(task)); };
  }

  std::int64_t addSpare(const std::string& name) { return addSpare(name, {}); }
  // A spare that can no more than this.
  std::int64_t addSpare(const std::string& name, const std::vector<std::string>& capabilities) {
    auto device = aDevice(name);
    device.capabilities = capabilities;
    return change<std::int64_t>([&](service::Txn& txn) { return txn.devices().insert(device, clock.now()); });
  }
  std::int64_t addVip(const std::string& address) {
    return change<std::int64_t>([&](service::Txn& txn) { return txn.vips().insert(*NetAddress::parse(address), 24); });
  }

  // As when this controller slept so long that another one took its leases over.
  void losesItsLeases() {
    store.edit([](MemoryRows& rows) {
      for (auto& [name, lease] : rows.leases) lease.holder = "other", ++lease.epoch;
    });
  }
  // The process ends here: what it had in memory is gone, the rows stay.
  void die() {
    tasks_.clear();
    start();
  }
  bool step() {
    if (tasks_.empty()) return false;
    const auto task = std::move(tasks_.front());
    tasks_.pop_front();
    task();
    return true;
  }
  void settle() {
    while (step()) {
    }
  }
  // Time passes and the sweeps of that time run.
  void pass(std::chrono::seconds time) {
    for (auto left = time; left.count() > 0; --left) {
      clock.advance(std::chrono::seconds(1));
      sync_->sweep();
      settle();
    }
  }

  model::LoadBalancer lb(std::int64_t id) { return store.rows().load_balancers.at(id); }
  LbStatus status(std::int64_t id) { return lb(id).status; }
  model::Device device(std::int64_t id) { return store.rows().devices.at(id); }
  protocol::DeviceState runs(const std::string& name) { return gateway.device(name).runs; }
  std::int64_t counter(const std::string& name) {
    if (!counters.flush()) return -1;
    return store.rows().counters[name];
  }

 private:
  void start() {
    service::DeviceSync::Options options;
    options.attempts = 3;
    options.phases = &phases;
    sync_ = std::make_unique<service::DeviceSync>(context(), gateway, run(), options, [this] { ++released; });
  }
  template <typename T>
  T change(const std::function<T(service::Txn&)>& work) {
    return *store.transact([&](service::Txn& txn) -> Result<T> { return work(txn); });
  }

  std::deque<std::function<void()>> tasks_;
  std::unique_ptr<service::DeviceSync> sync_;
};

}  // namespace libra::test
