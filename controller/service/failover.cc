#include "controller/service/failover.h"

namespace libra::service {

using namespace libra::model;

namespace {

constexpr const char* kMoved = "Load Balancer rebuild on new device";

std::string objectOf(const Device& device) { return "device/" + std::to_string(device.id); }

// One rebuild; the row of the old device is ours.
class Move {
 public:
  Move(Txn& txn, const Context& context, const Device& from, const Device& to)
      : txn_(txn), from_(from), to_(to), now_(context.clock.now()), deadline_(now_ + context.change_deadline) {}

  void loadBalancers() {
    for (const auto& lb : txn_.loadBalancers().onDevice(from_.id)) {
      txn_.loadBalancers().moveTo(lb.id, to_.id);
      txn_.loadBalancers().setPending(lb.id, to_.generation, now_, deadline_);
      const auto status = next(lb.status, LbEvent::DeviceLost);
      if (status && txn_.loadBalancers().setStatus(lb.id, lb.status, *status, kMoved))
        tell("loadbalancer.rebuilding", "loadbalancer/" + std::to_string(lb.id));
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
    tell("device.error", objectOf(from_));
    tell("device.building", objectOf(to_));
  }

 private:
  void tell(const char* kind, const std::string& object) {
    txn_.journal().event({kind, object, "from device " + from_.name + " to " + to_.name}, now_);
  }

  Txn& txn_;
  const Device& from_;
  const Device& to_;
  const Time now_, deadline_;
};

}  // namespace

Result<Device> Failover::rebuild(std::int64_t id) {
  auto target = context_.store.transact([&](Txn& txn) -> Result<Device> {
    const Error missing{ErrorCode::NotFound, "Device " + std::to_string(id) + " not found"};
    if (!txn.devices().find(id)) return missing;
    txn.devices().raiseGeneration(id);
    const auto from = txn.devices().find(id);
    if (!from || from->status == DeviceStatus::Deleted) return missing;
    txn.devices().setStatus(id, from->status, DeviceStatus::Error);
    const auto to = txn.devices().claimSpare();
    if (!to) return Error{ErrorCode::Internal, "No spare devices when trying to rebuild device " + std::to_string(id)};
    Move move(txn, context_, *from, *to);
    move.loadBalancers();
    move.vips();
    move.devices();
    return *to;
  });
  if (!target) return target;
  context_.counters.add("loadbalancers_rebuild");
  context_.wake(target->id);
  context_.wake(id);
  return target;
}

}  // namespace libra::service
