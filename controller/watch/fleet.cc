#include "controller/watch/fleet.h"

#include <utility>

#include "lib/log/log.h"

namespace libra::watch {

namespace {

constexpr log::Logger kLog{"watch"};
constexpr std::chrono::seconds kPause{1};  // who was away for longer needs as long to find its feet

}  // namespace

Fleet::Device& Fleet::at(const std::string& name) {
  auto& device = devices_[name];
  if (!device) device = std::make_unique<Device>(*this, name);
  return *device;
}

void Fleet::queue(Device& device) {
  due_.erase({device.queued, &device});
  device.queued = device.liveness.next();
  if (device.queued != Instant::max()) due_.insert({device.queued, &device});
}

void Fleet::follow(Device& device, Liveness::Act act) {
  using Act = Liveness::Act;
  queue(device);
  if (act == Act::Probe || act == Act::Confirm) orders_.probe(device.name);
  if (act == Act::Ask || act == Act::Confirm) orders_.ask(device.name);
  if (act == Act::Lost) orders_.lost(device.name, device.liveness.evidence(), device.liveness.lastHeard());
  if (act == Act::Returned) orders_.returned(device.name);
}

void Fleet::expect(const std::string& name) { queue(at(name)); }

void Fleet::forget(const std::string& name) {
  const auto found = devices_.find(name);
  if (found == devices_.end()) return;
  due_.erase({found->second->queued, found->second.get()});
  devices_.erase(found);
}

heartbeat::Pulse& Fleet::connected(const std::string& name) {
  Device& device = at(name);
  last_heard_ = clock_.monotonic();
  follow(device, device.liveness.connected(last_heard_));
  return device;
}

// The common case, a hundred thousand times a second: no queue is touched.
void Fleet::heard(Device& device) {
  last_heard_ = clock_.monotonic();
  const auto act = device.liveness.heard(last_heard_);
  if (device.queued != device.liveness.next()) follow(device, act);
}

void Fleet::closed(const std::string& name) {
  Device& device = at(name);
  follow(device, device.liveness.closed(clock_.monotonic()));
}

void Fleet::proxyLost(const std::string& name) {
  Device& device = at(name);
  follow(device, device.liveness.proxyLost(clock_.monotonic()));
}

void Fleet::proxySaid(const std::string& name, heartbeat::ProxyState state) {
  const auto found = devices_.find(name);
  if (found == devices_.end()) return;
  Device& device = *found->second;
  const Instant now = clock_.monotonic();
  look(now);
  follow(device, device.liveness.proxySaid(state, now, blind_));
}

void Fleet::forgiveLateness(Instant now) {
  const auto late = wanted_ < now ? now - wanted_ : Instant::duration(0);
  if (late <= timing_.interval) return;
  kLog.warn("this watcher was late by {} ms: what it missed counts for nothing",
            std::chrono::duration_cast<Millis>(late).count());
  ++late_turns_;
  last_heard_ = now;
  forgive(now + (late > kPause ? Millis(kPause) : timing_.misses * timing_.interval));
}

void Fleet::forgive(Instant until) {
  for (auto& [name, device] : devices_) {
    device->liveness.discount(until);
    queue(*device);
  }
}

// One device may fall silent by itself. That all do so at once is more likely our doing.
void Fleet::look(Instant now) {
  const bool blind = devices_.size() > 1 && now - last_heard_ > 2 * timing_.interval;
  if (std::exchange(blind_, blind) == blind) return;
  if (blind) return kLog.error("no device is heard: it is more likely our own network, no silence is a verdict");
  kLog.info("devices are heard again");
  forgive(now + timing_.misses * timing_.interval);
}

Instant Fleet::turn() {
  const Instant now = clock_.monotonic();
  forgiveLateness(now);
  look(now);
  while (!due_.empty() && due_.begin()->first <= now) {
    Device& device = *due_.begin()->second;
    follow(device, device.liveness.due(now, blind_));
  }
  return wanted_ = due_.empty() ? Instant::max() : due_.begin()->first;
}

bool Fleet::hears(const std::string& name) const {
  const auto found = devices_.find(name);
  return !blind_ && found != devices_.end() && found->second->liveness.isHeard(clock_.monotonic());
}

std::set<std::string> Fleet::devices() const {
  std::set<std::string> names;
  for (const auto& [name, device] : devices_) names.insert(name);
  return names;
}

}  // namespace libra::watch
