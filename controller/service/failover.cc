#include "controller/service/failover.h"

#include <algorithm>

#include "controller/service/placement.h"

namespace libra::service {

using namespace libra::model;

namespace {

constexpr std::chrono::hours kForever{24 * 365};  // for a spare
constexpr const char* kNoSpare = "Load balancer device failed, it is rebuilt when another one is free";
constexpr const char* kMoved = "Load Balancer rebuild on new device";
constexpr std::chrono::seconds kServesOn{30};  // a drained device, if the other one does not come up

std::string objectOf(const Device& device) { return "device/" + std::to_string(device.id); }

// What happened to the device that everything moves from.
struct Cause {
  LbEvent event;  // to its load balancers
  const char *device_kind, *lb_kind;
};
constexpr Cause kFailed{LbEvent::DeviceLost, "device.error", "loadbalancer.rebuilding"};
constexpr Cause kDrained{LbEvent::ChangeRequested, "device.drained", "loadbalancer.moving"};

// One rebuild; the row of the old device is ours.
class Move {
 public:
  Move(Txn& txn, const Context& context, const Device& from, const Device& to, Cause cause)
      : txn_(txn),
        from_(from),
        to_(to),
        cause_(cause),
        now_(context.clock.now()),
        deadline_(now_ + context.change_deadline) {}

  void loadBalancers() {
    for (const auto& lb : txn_.loadBalancers().onDevice(from_.id)) {
      txn_.loadBalancers().moveTo(lb.id, to_.id);
      txn_.loadBalancers().setPending(lb.id, to_.generation, now_, deadline_);
      const auto status = next(lb.status, cause_.event);
      if (status && txn_.loadBalancers().setStatus(lb.id, lb.status, *status, kMoved))
        tell(cause_.lb_kind, "loadbalancer/" + std::to_string(lb.id));
    }
  }

  void vips() {
    for (const auto& vip : txn_.vips().ofDevice(from_.id)) {
      txn_.vips().moveTo(vip.id, to_.id);
      tell("vip.moved", "vip/" + std::to_string(vip.id));
    }
  }

  void devices() {
    txn_.devices().setStatus(to_.id, DeviceStatus::Build, DeviceStatus::Building);
    tell(cause_.device_kind, objectOf(from_));
    tell("device.building", objectOf(to_));
  }

 private:
  void tell(const char* kind, const std::string& object) {
    txn_.journal().event({kind, object, "from device " + from_.name + " to " + to_.name}, now_);
  }

  Txn& txn_;
  const Device& from_;
  const Device& to_;
  const Cause cause_;
  const Time now_, deadline_;
};

// The device as it is, its row ours until the transaction ends; none if it is gone.
std::optional<Device> hold(Txn& txn, std::int64_t id) {
  if (!txn.devices().find(id)) return std::nullopt;
  txn.devices().raiseGeneration(id);
  auto device = txn.devices().find(id);
  return device && device->status != DeviceStatus::Deleted ? device : std::nullopt;
}

std::optional<Device> claimFor(Txn& txn, const Device& from, std::int64_t target = 0) {
  return txn.devices().claimSpare({needsOf(txn.loadBalancers().onDevice(from.id)), placesBeside(from), target});
}

Error noSpare(std::int64_t from, std::int64_t target) {
  if (target == 0) return {ErrorCode::Conflict, "No spare can carry what is on device " + std::to_string(from)};
  return {ErrorCode::Conflict,
          "Device " + std::to_string(target) + " is no spare that can carry what is on device " + std::to_string(from)};
}

void move(Txn& txn, const Context& context, const Device& from, const Device& to, Cause cause = kFailed) {
  Move move(txn, context, from, to, cause);
  move.loadBalancers();
  move.vips();
  move.devices();
}

// What cannot move yet says so. Were the device to come back first, it serves again.
void wait(Txn& txn, const Device& device, Time now) {
  for (const auto& lb : txn.loadBalancers().onDevice(device.id)) {
    const auto status = next(lb.status, LbEvent::DeviceLost);
    if (!status) continue;
    txn.loadBalancers().setPending(lb.id, device.generation, now, now + kForever);
    if (txn.loadBalancers().setStatus(lb.id, lb.status, *status, kNoSpare) && lb.status != *status)
      txn.journal().event({"loadbalancer.waits", "loadbalancer/" + std::to_string(lb.id), kNoSpare}, now);
  }
}

}  // namespace

Result<Device> Failover::rebuild(std::int64_t id) {
  auto target = context_.store.transact([&](Txn& txn) -> Result<Device> {
    const auto from = hold(txn, id);
    if (!from) return Error{ErrorCode::NotFound, "Device " + std::to_string(id) + " not found"};
    txn.devices().setStatus(id, from->status, DeviceStatus::Error);
    const auto to = claimFor(txn, *from);
    if (!to) return Error{ErrorCode::Internal, "No spare devices when trying to rebuild device " + std::to_string(id)};
    move(txn, context_, *from, *to);
    return *to;
  });
  if (!target) return target;
  context_.counters.add("loadbalancers_rebuild");
  context_.wake(target->id);
  context_.wake(id);
  return target;
}

Result<Device> Failover::drain(std::int64_t id, std::int64_t target) {
  auto to = context_.store.transact([&](Txn& txn) -> Result<Device> {
    const auto from = hold(txn, id);
    const auto text = "Device " + std::to_string(id);
    if (!from) return Error{ErrorCode::NotFound, text + " not found"};
    if (txn.loadBalancers().onDevice(id).empty()) return Error{ErrorCode::Invalid, text + " carries no load balancer"};
    const auto spare = claimFor(txn, *from, target);
    if (!spare) return noSpare(id, target);
    move(txn, context_, *from, *spare, kDrained);
    txn.devices().postpone(id, spare->id, context_.clock.now() + kServesOn);
    return *spare;
  });
  if (to) context_.wake(to->id);
  return to;
}

Result<Failover::Recovery> Failover::recover(std::int64_t id, const std::string& why) {
  const auto tenure = context_.leases.ofDevice(id);
  if (!tenure) return Error{ErrorCode::Conflict, "The service is busy, try again", "another controller's device"};
  const auto done = context_.store.transact([&](Txn& txn) -> Result<Recovery> {
    if (auto ours = fence(txn, *tenure); !ours) return ours.error();
    const auto from = hold(txn, id);
    if (!from) return Recovery{Outcome::Gone, {}};
    const Time now = context_.clock.now();
    if (from->status != DeviceStatus::Error && txn.devices().setStatus(id, from->status, DeviceStatus::Error))
      txn.journal().event({"device.lost", objectOf(*from), why}, now);
    if (txn.loadBalancers().onDevice(id).empty()) return Recovery{Outcome::Empty, {}};
    auto to = claimFor(txn, *from);
    if (to)
      move(txn, context_, *from, *to);
    else
      wait(txn, *from, now);
    return Recovery{to ? Outcome::Moved : Outcome::Waits, to};
  });
  if (!done || !done->target) return done;
  context_.wake(done->target->id);
  context_.wake(id);
  context_.counters.add("loadbalancers_rebuild");
  return done;
}

Status Failover::resume() {
  const auto shards = context_.leases.shards();
  const auto waiting = context_.store.transact([&](Txn& txn) -> Result<std::vector<std::int64_t>> {
    std::vector<std::int64_t> devices;
    for (const auto& match : matchWaiting(txn))
      if (contains(shards, match.waiting)) devices.push_back(match.waiting);
    return devices;
  });
  if (!waiting) return waiting.error();
  for (const auto device : *waiting)
    if (const auto moved = recover(device, ""); !moved) return moved.error();
  return ok();
}

}  // namespace libra::service
