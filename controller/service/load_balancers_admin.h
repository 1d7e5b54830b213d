#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/service/load_balancers.h"

namespace libra::service {

// What a load balancer waits for, while it does.
struct Waiting {
  std::string owner;  // the controller that sees to its device; "" while none does
  int attempts = 0;   // failed ones
  Time next_due{};    // of the next; not before
  Time deadline{};    // an ERROR from then on
  std::string last_error;
};

struct LoadBalancerView {
  model::LoadBalancer lb;
  std::string address;  // its device's
  std::vector<model::VirtualIp> vips;
  std::optional<Waiting> waiting{};  // of find()
};

struct LoadBalancerFilter {
  std::optional<model::LbStatus> status;
  std::optional<std::string> tenant, name, address;
  std::optional<NetAddress> vip;
};

// Every tenant's load balancers, for the operator (spec/libra.md 3.4). Thread-safe.
class LoadBalancersAdmin {
 public:
  LoadBalancersAdmin(Context context, LoadBalancers& tenants) : context_(std::move(context)), tenants_(tenants) {}

  // In id order; those with a device and a VIP only. They come without nodes and monitor.
  Result<std::vector<LoadBalancerView>> list(const LoadBalancerFilter& filter);
  Result<LoadBalancerView> find(std::int64_t id);
  Status remove(std::int64_t id);  // as its tenant would
  // What it used, the newest first, in periods that began before then; also of one that is deleted.
  Result<std::vector<model::LbUsageSample>> usage(std::int64_t id, Time before, int most);

 private:
  Context context_;
  LoadBalancers& tenants_;
};

}  // namespace libra::service
