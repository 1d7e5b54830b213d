#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "controller/service/counters.h"
#include "controller/service/lease_keeper.h"
#include "controller/service/placement.h"
#include "controller/service/requests.h"
#include "controller/service/store.h"
#include "controller/service/wanted_state.h"
#include "lib/base/clock.h"
#include "lib/base/net_address.h"

namespace libra::service {

// What the services of this folder share. All are thread-safe and keep no state of
// their own but what may be forgotten: everything is in the store.
struct Context {
  Store& store;
  const Clock& clock;
  Counters& counters;
  const LeaseKeeper& leases;                      // what this controller may do in the background
  std::function<void(std::int64_t device)> wake;  // after a commit that left work on a device: DeviceSync::wake
  std::function<void(std::int64_t device, DeviceJob job)> begin;  // the same where the work is known: DeviceSync::begin
  std::vector<NetRange> node_filters;                             // where nodes may be; none: anywhere
  std::chrono::seconds change_deadline{120};                      // BUILD and PENDING_* end by then
  std::chrono::seconds vip_quarantine{60};                        // a released VIP is nobody's for so long
  bool queue_changes = false;  // one that meets BUILD or PENDING_UPDATE waits its turn, not refused
};

// The tenant's load balancers, with the checks of spec/libra.md 1.6 in their order.
// Error messages are the spec's `details` without the class prefix ("OverLimit: " …),
// which api/faults.cc puts in front by ErrorCode. A foreign object is NotFound.
class LoadBalancers {
 public:
  explicit LoadBalancers(Context context) : context_(std::move(context)), awaited_(context_.clock) {}

  Result<std::vector<model::LoadBalancer>> list(const std::string& tenant, bool deleted);
  Result<model::LoadBalancer> find(const std::string& tenant, std::int64_t id);
  Result<model::LoadBalancer> create(const LoadBalancerRequest& request);  // Internal "No devices available"
  Status change(const std::string& tenant, std::int64_t id, const LoadBalancerChange& change);
  Status remove(const std::string& tenant, std::int64_t id);
  Result<model::VirtualIp> virtualIp(const std::string& tenant, std::int64_t id);

  // Checked as the spec says; until log storage exists it ends at once with the reason
  // in status_description, the load balancer in the state it had.
  Status archiveLogs(const std::string& tenant, std::int64_t id);

  Result<model::Limits> limits(const std::string& tenant);
  Result<std::vector<model::PortRule>> protocols();

 private:
  Context context_;
  AwaitedSpares awaited_;
};

}  // namespace libra::service
