#pragma once

#include "controller/service/load_balancers.h"

namespace libra::service {

// The health monitor of a load balancer; rules of spec/libra.md 1.6.15-1.6.17. Without
// one of its own a load balancer has the default (CONNECT, 30, 30, 2).
class HealthMonitors {
 public:
  explicit HealthMonitors(Context context) : context_(std::move(context)) {}

  Result<model::HealthMonitor> find(const std::string& tenant, std::int64_t lb);
  Result<model::HealthMonitor> put(const std::string& tenant, std::int64_t lb, const MonitorRequest& request);
  Status reset(const std::string& tenant, std::int64_t lb);

 private:
  Context context_;
};

}  // namespace libra::service
