#include "controller/service/change.h"

#include "controller/service/validation.h"

namespace libra::service {

using namespace libra::model;

std::optional<Held> hold(Txn& txn, const std::string& tenant, std::int64_t id) {
  const auto seen = txn.loadBalancers().find(tenant, id);
  if (!seen) return std::nullopt;
  if (seen->device == 0) return Held{*seen, 0};
  const auto generation = txn.devices().raiseGeneration(seen->device);
  // Read again, now that nobody else can change it.
  auto lb = txn.loadBalancers().find(tenant, id);
  if (!lb) return std::nullopt;
  return Held{*std::move(lb), generation};
}

namespace {

// The device takes it after what it is doing, as one more generation; whoever waits for it
// waits no longer than was promised before.
Result<std::int64_t> joinChange(Txn& txn, const Context& context, const Held& held, LbEvent event) {
  if (event == LbEvent::DeleteRequested)
    txn.loadBalancers().setStatus(held.lb.id, held.lb.status, LbStatus::PendingDelete, held.lb.status_description);
  txn.loadBalancers().setPending(held.lb.id, held.generation, context.clock.now(), held.lb.deadline);
  return held.lb.device;
}

}  // namespace

Result<std::int64_t> beginChange(Txn& txn, const Context& context, const Held& held, LbEvent event) {
  if (takesMore(held.lb.status)) return joinChange(txn, context, held, event);
  // A report of node health does not wait for the device's row, so the status read may be out of date.
  for (const auto from : {held.lb.status, LbStatus::Active, LbStatus::Degraded}) {
    const auto to = next(from, event);
    if (!to || !txn.loadBalancers().setStatus(held.lb.id, from, *to, held.lb.status_description)) continue;
    const auto now = context.clock.now();
    txn.loadBalancers().setPending(held.lb.id, held.generation, now, now + context.change_deadline);
    return held.lb.device;
  }
  return Error{ErrorCode::Unavailable, "The service is busy, try again", "load balancer changed during its change"};
}

Status endChange(const Context& context, const Result<std::int64_t>& device, const std::string& counter) {
  if (!device) return device.error();
  context.counters.add(counter);
  if (*device != 0) context.wake(*device);
  return ok();
}

}  // namespace libra::service
