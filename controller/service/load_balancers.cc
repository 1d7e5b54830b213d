#include "controller/service/load_balancers.h"

#include <algorithm>

#include "controller/service/change.h"
#include "controller/service/validation.h"

namespace libra::service {

using namespace libra::model;

namespace {

Error notFound(const char* text) { return {ErrorCode::NotFound, text}; }

struct Place {
  std::int64_t device;
  std::uint64_t generation;
};

Error noDevice(const char* why) { return {ErrorCode::Internal, "No devices available", why}; }

// A spare with a VIP of its own, both claimed: they come up in one job.
Result<Place> claimDevice(Txn& txn, Time now) {
  const auto device = txn.devices().claimSpare();
  if (!device) return noDevice("no spare device");
  if (!txn.vips().claimFree(device->id, now)) return noDevice("no free virtual IP");
  return Place{device->id, device->generation};
}

// The device that holds the VIP, if the tenant is there already and it has room.
Result<Place> shareDevice(Txn& txn, const NewLoadBalancer& wanted) {
  const auto missing = notFound("Invalid virtual IP provided");
  const auto vip = txn.vips().find(*wanted.virtual_ip);
  if (!vip || vip->device == 0) return missing;
  const auto generation = txn.devices().raiseGeneration(vip->device);
  const auto neighbours = txn.loadBalancers().onDevice(vip->device);
  const bool ours =
      std::any_of(neighbours.begin(), neighbours.end(), [&](const auto& lb) { return lb.tenant == wanted.tenant; });
  if (!ours) return missing;
  if (auto free = checkNeighbours({wanted.protocol, wanted.port}, neighbours); !free) return free.error();
  txn.devices().setStatus(vip->device, DeviceStatus::Online, DeviceStatus::Build);
  return Place{vip->device, generation};
}

// Checks 13-18 of spec 1.6.6; the place within the quota is the tenant's afterwards.
Status checkLimits(Txn& txn, const LoadBalancerRequest& request, NewLoadBalancer& wanted) {
  const auto limits = txn.limits().limits(request.tenant);
  if (auto named = checkName(request.name, limits); !named) return named;
  if (!txn.tenants().reserveLoadBalancer(request.tenant, limits.max_load_balancers))
    return Error{ErrorCode::OverLimit,
                 "Account has hit limit of " + std::to_string(limits.max_load_balancers) + " Load Balancers"};
  if (auto counted = checkNodeCount(request.nodes.size(), limits); !counted) return counted;
  const auto listener = checkListener(request, txn.limits().ports());
  if (!listener) return listener.error();
  wanted.protocol = listener->protocol;
  wanted.port = listener->port;
  return ok();
}

}  // namespace

Result<std::vector<LoadBalancer>> LoadBalancers::list(const std::string& tenant, bool deleted) {
  auto found = context_.store.transact(
      [&](Txn& txn) -> Result<std::vector<LoadBalancer>> { return txn.loadBalancers().list(tenant, deleted); });
  if (found) context_.counters.add("api_loadbalancers_get");
  return found;
}

Result<LoadBalancer> LoadBalancers::find(const std::string& tenant, std::int64_t id) {
  auto found = context_.store.transact([&](Txn& txn) -> Result<LoadBalancer> {
    auto lb = txn.loadBalancers().find(tenant, id);
    if (!lb || lb->device == 0) return notFound("Load Balancer ID not found");
    return *std::move(lb);
  });
  if (found) context_.counters.add("api_loadbalancers_get");
  return found;
}

Result<LoadBalancer> LoadBalancers::create(const LoadBalancerRequest& request) {
  const auto checked = checkNew(request, context_.node_filters);
  if (!checked) return checked.error();

  auto created = context_.store.transact([&](Txn& txn) -> Result<LoadBalancer> {
    auto wanted = *checked;
    if (auto within = checkLimits(txn, request, wanted); !within) return within.error();
    const auto now = context_.clock.now();
    const auto place = wanted.virtual_ip ? shareDevice(txn, wanted) : claimDevice(txn, now);
    if (!place) return place.error();
    const auto id =
        txn.loadBalancers().insert(wanted, place->device, place->generation, now, now + context_.change_deadline);
    return *txn.loadBalancers().find(wanted.tenant, id);
  });
  if (!created) return created;

  context_.counters.add("api_loadbalancers_create");
  context_.wake(created->device);
  return created;
}

Status LoadBalancers::change(const std::string& tenant, std::int64_t id, const LoadBalancerChange& change) {
  const auto device = context_.store.transact([&](Txn& txn) -> Result<std::int64_t> {
    const auto held = hold(txn, tenant, id);
    if (!held) return notFound("Load Balancer ID is not valid");
    if (auto free = checkMutable(held->lb); !free) return free.error();
    if (change.name)
      if (auto named = checkName(*change.name, txn.limits().limits(tenant)); !named) return named.error();
    const auto options = checkOptions(change.options);
    if (!options) return options.error();
    txn.loadBalancers().change(id, change.name, change.algorithm, *options);
    return beginChange(txn, context_, *held, LbEvent::ChangeRequested);
  });
  return endChange(context_, device, "api_loadbalancers_modify");
}

Status LoadBalancers::remove(const std::string& tenant, std::int64_t id) {
  const auto device = context_.store.transact([&](Txn& txn) -> Result<std::int64_t> {
    const auto held = hold(txn, tenant, id);
    if (!held) return notFound("Load Balancer ID is not valid");
    if (auto free = checkDeletable(held->lb); !free) return free.error();
    if (held->lb.device != 0) return beginChange(txn, context_, *held, LbEvent::DeleteRequested);
    txn.loadBalancers().markDeleted(id, context_.clock.now());
    txn.tenants().releaseLoadBalancer(tenant);
    return std::int64_t{0};
  });
  return endChange(context_, device, "api_loadbalancers_delete");
}

Result<VirtualIp> LoadBalancers::virtualIp(const std::string& tenant, std::int64_t id) {
  auto found = context_.store.transact([&](Txn& txn) -> Result<VirtualIp> {
    const auto lb = txn.loadBalancers().find(tenant, id);
    if (!lb || !lb->virtual_ip) return notFound("Load Balancer ID not valid");
    return *lb->virtual_ip;
  });
  if (found) context_.counters.add("api_vips_get");
  return found;
}

Status LoadBalancers::archiveLogs(const std::string& tenant, std::int64_t id) {
  auto done = context_.store.transact([&](Txn& txn) -> Status {
    const auto lb = txn.loadBalancers().find(tenant, id);
    if (!lb) return notFound("Load Balancer not found");
    if (!isMutable(lb->status))
      return Error{ErrorCode::Immutable, "Cannot get logs from a Load Balancer in a non-ACTIVE state, current state: " +
                                             std::string(name(lb->status))};
    txn.loadBalancers().setStatus(id, lb->status, lb->status, "Log archive failed: No log storage configured");
    return ok();
  });
  if (done) {
    context_.counters.add("api_log_archive");
    context_.counters.add("log_archives");
  }
  return done;
}

Result<Limits> LoadBalancers::limits(const std::string& tenant) {
  auto found = context_.store.transact([&](Txn& txn) -> Result<Limits> { return txn.limits().limits(tenant); });
  if (found) context_.counters.add("api_limits_get");
  return found;
}

Result<std::vector<PortRule>> LoadBalancers::protocols() {
  return context_.store.transact([&](Txn& txn) -> Result<std::vector<PortRule>> { return txn.limits().ports(); });
}

}  // namespace libra::service
