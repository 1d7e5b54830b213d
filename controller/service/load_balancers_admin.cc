#include "controller/service/load_balancers_admin.h"

#include <algorithm>

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
      LoadBalancerView view{std::move(lb), addresses[device], vips[device]};
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
    return LoadBalancerView{*std::move(lb), device->address, txn.vips().ofDevice(device->id)};
  });
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
