#pragma once

#include "controller/adapters.h"
#include "controller/api/admin_routes.h"
#include "controller/api/api_server.h"
#include "controller/api/health.h"
#include "controller/api/metrics.h"
#include "controller/jobs/pool_mgm_worker.h"
#include "controller/service/failover.h"

namespace libra {

// The operator's side of the controller: services, listener and threads of its own, so
// that neither a crowd of tenants nor a slow question to a device holds up the other.
// What it is given must outlive it.
class AdminApi {
 public:
  struct Parts {
    service::LoadBalancers& load_balancers;
    const service::SparePool& spares;
    service::Healer& healer;
    api::Readiness& readiness;
    api::RequestCounters& requests;
  };
  AdminApi(const Settings& settings, const Adapters& out, const service::Context& context, const Parts& parts);

  Status start();
  void stop(std::chrono::milliseconds patience);  // taking requests
  void finish();                                  // those already taken

 private:
  void addRoutes(const service::Context& context, const Parts& parts);
  api::Probes probes() const;

  const Settings& settings_;
  const Adapters& out_;
  service::Failover failover_;
  service::DevicesAdmin devices_;
  service::VipsAdmin vips_;
  service::LoadBalancersAdmin load_balancers_;
  service::PoolManager pool_;
  service::LimitsAdmin limits_;
  service::AdminUsers users_;
  service::Journal journal_;

  api::Dispatcher dispatcher_;
  WorkerPool work_;
  api::ApiServer server_;
  std::optional<PoolMgmWorker> pool_messages_;  // where the settings allow them
};

}  // namespace libra
