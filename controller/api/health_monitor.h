#pragma once

#include "controller/api/call.h"
#include "controller/service/health_monitors.h"

namespace libra::api {

// spec/libra.md 1.6.15 - 1.6.17.
class HealthMonitorRoutes {
 public:
  explicit HealthMonitorRoutes(service::HealthMonitors& monitors) : monitors_(monitors) {}

  Answer find(const Call& call, std::int64_t lb) const;
  Answer put(const Call& call, std::int64_t lb) const;
  Answer reset(const Call& call, std::int64_t lb) const;

 private:
  service::HealthMonitors& monitors_;
};

}  // namespace libra::api
