#pragma once

#include "controller/api/dispatcher.h"
#include "controller/api/repeatable.h"
#include "controller/service/health_monitors.h"
#include "controller/service/load_balancers.h"
#include "controller/service/nodes.h"

namespace libra::api {

struct Services {
  service::LoadBalancers& load_balancers;
  service::Nodes& nodes;
  service::HealthMonitors& health_monitors;
  const Repeatable& repeatable;
};

// The tenant API v1.1. Its writes may carry an Idempotency-Key. The services must outlive the dispatcher.
void addTenantRoutes(Dispatcher& dispatcher, const Services& services);

}  // namespace libra::api
