#include "controller/service/health_monitors.h"

#include "controller/service/change.h"
#include "controller/service/placement.h"
#include "controller/service/validation.h"

namespace libra::service {

using namespace libra::model;

namespace {

Error notFound() { return {ErrorCode::NotFound, "Load Balancer not found"}; }

}  // namespace

Result<HealthMonitor> HealthMonitors::find(const std::string& tenant, std::int64_t lb) {
  auto found = context_.store.transact([&](Txn& txn) -> Result<HealthMonitor> {
    const auto row = txn.loadBalancers().find(tenant, lb);
    if (!row) return notFound();
    return row->monitor.value_or(HealthMonitor{});
  });
  if (found) context_.counters.add("api_healthmonitor_get");
  return found;
}

Result<HealthMonitor> HealthMonitors::put(const std::string& tenant, std::int64_t lb, const MonitorRequest& request) {
  const auto wanted = checkMonitor(request);
  const auto device = context_.store.transact([&](Txn& txn) -> Result<std::int64_t> {
    const auto held = hold(txn, tenant, lb);
    if (!held) return notFound();
    if (!wanted) return wanted.error();
    if (auto free = checkMutable(held->lb, context_.queue_changes); !free) return free.error();
    auto changed = held->lb;
    changed.monitor = *wanted;
    if (auto carried = checkCarried(txn, changed); !carried) return carried.error();
    txn.loadBalancers().putMonitor(lb, *wanted);
    return beginChange(txn, context_, *held, LbEvent::ChangeRequested);
  });
  if (auto done = endChange(context_, device, "api_healthmonitor_modify"); !done) return done.error();
  return wanted;
}

Status HealthMonitors::reset(const std::string& tenant, std::int64_t lb) {
  const auto device = context_.store.transact([&](Txn& txn) -> Result<std::int64_t> {
    const auto held = hold(txn, tenant, lb);
    if (!held) return notFound();
    if (auto free = checkMutable(held->lb, context_.queue_changes); !free) return free.error();
    txn.loadBalancers().removeMonitor(lb);
    return beginChange(txn, context_, *held, LbEvent::ChangeRequested);
  });
  return endChange(context_, device, "api_healthmonitor_delete");
}

}  // namespace libra::service
