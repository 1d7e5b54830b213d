#include "controller/service/load_balancers.h"

#include <algorithm>

#include "controller/service/change.h"
#include "controller/service/placement.h"
#include "controller/service/validation.h"

namespace libra::service {

using namespace libra::model;

namespace {

Error notFound(const char* text) { return {ErrorCode::NotFound, text}; }

struct Place {
  std::int64_t device;
  std::uint64_t generation;
  VirtualIp virtual_ip;
  std::optional<Device> spare{};  // it was one until now
};

struct Created {
  LoadBalancer lb;
  std::optional<DeviceJob> job;  // what the device shall run, if that is this load balancer alone
};

Created created(const LoadBalancer& lb, const Place& place) {
  if (!place.spare) return {lb, {}};
  return {lb, DeviceJob{place.spare->name, wantedState(*place.spare, {lb}, {place.virtual_ip})}};
}

Error noDevice(const char* why) { return {ErrorCode::Internal, "No devices available", why}; }

// As it will be, as far as it matters for where.
LoadBalancer planned(const NewLoadBalancer& wanted, std::int64_t device) {
  LoadBalancer lb;
  lb.protocol = wanted.protocol;
  lb.algorithm = wanted.algorithm;
  lb.device = device;
  return lb;
}

// A spare with a VIP of its own, both claimed: they come up in one job. What serves already, and
// whose device failed, comes first.
Result<Place> claimDevice(Txn& txn, const NewLoadBalancer& wanted, std::set<std::int64_t> awaited, Time now) {
  const SpareWish wish{.needs = needsOf({planned(wanted, 0)}), .not_these = std::move(awaited)};
  const auto device = txn.devices().claimSpare(wish);
  if (!device) return noDevice("no spare device that can carry it");
  const auto vip = txn.vips().claimFree(device->id, now);
  if (!vip) return noDevice("no free virtual IP");
  return Place{device->id, device->generation, *vip, device};
}

// The device that holds the VIP, if the tenant is there already and it has room.
Result<Place> shareDevice(Txn& txn, const NewLoadBalancer& wanted, bool queue) {
  const auto missing = notFound("Invalid virtual IP provided");
  const auto vip = txn.vips().find(*wanted.virtual_ip);
  if (!vip || vip->device == 0) return missing;
  const auto generation = txn.devices().raiseGeneration(vip->device);
  const auto neighbours = txn.loadBalancers().onDevice(vip->device);
  const bool ours =
      std::any_of(neighbours.begin(), neighbours.end(), [&](const auto& lb) { return lb.tenant == wanted.tenant; });
  if (!ours) return missing;
  if (auto free = checkNeighbours({wanted.protocol, wanted.port}, neighbours, queue); !free) return free.error();
  if (auto carried = checkCarried(txn, planned(wanted, vip->device)); !carried) return carried.error();
  txn.devices().setStatus(vip->device, DeviceStatus::Online, DeviceStatus::Build);
  return Place{vip->device, generation, *vip};
}

Error overQuota(int limit) {
  return {ErrorCode::OverLimit, "Account has hit limit of " + std::to_string(limit) + " Load Balancers"};
}

// Checks 13-18 of spec 1.6.6.
Status checkLimits(Txn& txn, const LoadBalancerRequest& request, const Limits& limits, NewLoadBalancer& wanted) {
  if (auto named = checkName(request.name, limits); !named) return named;
  if (limits.load_balancers >= limits.max_load_balancers) return overQuota(limits.max_load_balancers);
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

  auto done = context_.store.transact([&](Txn& txn) -> Result<Created> {
    auto wanted = *checked;
    const auto limits = txn.limits().limits(request.tenant);
    if (auto within = checkLimits(txn, request, limits, wanted); !within) return within.error();
    const auto now = context_.clock.now();
    const auto place = wanted.virtual_ip ? shareDevice(txn, wanted, context_.queue_changes)
                                         : claimDevice(txn, wanted, awaited_.in(txn), now);
    if (!place) return place.error();
    auto lb = txn.loadBalancers().insert(wanted, place->device, place->generation, now, now + context_.change_deadline);
    lb.virtual_ip = place->virtual_ip;
    // Last, for all creators of a tenant wait for this row until COMMIT.
    if (!txn.tenants().reserveLoadBalancer(request.tenant, limits.max_load_balancers))
      return overQuota(limits.max_load_balancers);
    return created(lb, *place);
  });
  if (!done) return done.error();

  context_.counters.add("api_loadbalancers_create");
  if (done->job)
    context_.begin(done->lb.device, *std::move(done->job));
  else
    context_.wake(done->lb.device);
  return std::move(done->lb);
}

Status LoadBalancers::change(const std::string& tenant, std::int64_t id, const LoadBalancerChange& change) {
  const auto device = context_.store.transact([&](Txn& txn) -> Result<std::int64_t> {
    const auto held = hold(txn, tenant, id);
    if (!held) return notFound("Load Balancer ID is not valid");
    if (auto free = checkMutable(held->lb, context_.queue_changes); !free) return free.error();
    if (change.name)
      if (auto named = checkName(*change.name, txn.limits().limits(tenant)); !named) return named.error();
    const auto options = checkOptions(change.options);
    if (!options) return options.error();
    auto changed = held->lb;
    changed.algorithm = change.algorithm.value_or(changed.algorithm);
    if (auto carried = checkCarried(txn, changed); !carried) return carried.error();
    txn.loadBalancers().change(id, change.name, change.algorithm, *options);
    return beginChange(txn, context_, *held, LbEvent::ChangeRequested);
  });
  return endChange(context_, device, "api_loadbalancers_modify");
}

Status LoadBalancers::remove(const std::string& tenant, std::int64_t id) {
  const auto device = context_.store.transact([&](Txn& txn) -> Result<std::int64_t> {
    const auto held = hold(txn, tenant, id);
    if (!held) return notFound("Load Balancer ID is not valid");
    if (auto free = checkDeletable(held->lb, context_.queue_changes); !free) return free.error();
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
