#include "controller/service/load_balancers_admin.h"

#include <algorithm>

#include "controller/service/device_lease.h"

namespace libra::service {

using namespace libra::model;

namespace {

Error missing(std::int64_t id) { return {ErrorCode::NotFound, "Loadbalancer " + std::to_string(id) + " not found"}; }

bool matches(const LoadBalancerView& view, const LoadBalancerFilter& filter) {
  const auto& lb = view.lb;
  const bool holds = !filter.vip || std::any_of(view.vips.begin(), view.vips.end(),
                                                [&](const VirtualIp& vip) { return vip.address == *filter.vip; });
  return holds && filter.status.value_or(lb.status) == lb.status && filter.tenant.value_or(lb.tenant) == lb.tenant &&
         filter.name.value_or(lb.name) == lb.name && filter.address.value_or(view.address) == view.address;
}

bool isWaiting(LbStatus status) {
  return status == LbStatus::Build || status == LbStatus::PendingUpdate || status == LbStatus::PendingDelete ||
         status == LbStatus::Rebuilding;
}

std::string ownerOf(Txn& txn, std::int64_t device) {
  const auto name = leaseOfDevice(device);
  for (const auto& lease : txn.leases().list())
    if (lease.name == name) return lease.holder;
  return {};
}

std::optional<Waiting> waitOf(Txn& txn, const LoadBalancer& lb, const Device& device) {
  if (!isWaiting(lb.status)) return std::nullopt;
  return Waiting{ownerOf(txn, device.id), device.attempts, device.next_due, lb.deadline, device.last_error};
}

}  // namespace

Result<std::vector<LoadBalancerView>> LoadBalancersAdmin::list(const LoadBalancerFilter& filter) {
  return context_.store.transact([&](Txn& txn) -> Result<std::vector<LoadBalancerView>> {
    std::map<std::int64_t, std::string> addresses;
    for (const auto& device : txn.devices().list()) addresses[device.id] = device.address;
    std::map<std::int64_t, std::vector<VirtualIp>> vips;
    for (const auto& vip : txn.vips().held()) vips[vip.device].push_back(vip);

    std::vector<LoadBalancerView> found;
    for (auto& lb : txn.loadBalancers().listAll()) {
      const auto device = lb.device;
      if (device == 0 || vips[device].empty()) continue;
      LoadBalancerView view{std::move(lb), addresses[device], vips[device], {}};
      if (matches(view, filter)) found.push_back(std::move(view));
    }
    return found;
  });
}

Result<LoadBalancerView> LoadBalancersAdmin::find(std::int64_t id) {
  return context_.store.transact([&](Txn& txn) -> Result<LoadBalancerView> {
    auto lb = txn.loadBalancers().findAny(id);
    if (!lb) return missing(id);
    const auto device = txn.devices().find(lb->device);
    if (!device) return missing(id);
    const auto waiting = waitOf(txn, *lb, *device);
    return LoadBalancerView{*std::move(lb), device->address, txn.vips().ofDevice(device->id), waiting};
  });
}

Result<std::vector<LbUsageSample>> LoadBalancersAdmin::usage(std::int64_t id, Time before, int most) {
  return context_.store.transact(
      [&](Txn& txn) -> Result<std::vector<LbUsageSample>> { return txn.usage().ofLoadBalancer(id, before, most); });
}

Status LoadBalancersAdmin::remove(std::int64_t id) {
  const auto tenant = context_.store.transact([&](Txn& txn) -> Result<std::string> {
    const auto lb = txn.loadBalancers().findAny(id);
    if (!lb) return missing(id);
    return lb->tenant;
  });
  return tenant ? tenants_.remove(*tenant, id) : Status(tenant.error());
}

}  // namespace libra::service
