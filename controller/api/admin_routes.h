#pragma once

#include "controller/api/admin_gate.h"
#include "controller/api/admin_status.h"
#include "controller/api/dispatcher.h"
#include "controller/service/admin_users.h"
#include "controller/service/devices_admin.h"
#include "controller/service/healer.h"
#include "controller/service/journal.h"
#include "controller/service/limits_admin.h"
#include "controller/service/load_balancers_admin.h"
#include "controller/service/vips_admin.h"

namespace libra::api {

struct AdminServices {
  service::Store& store;
  const Clock& clock;
  service::DevicesAdmin& devices;
  service::VipsAdmin& vips;
  service::Healer& healer;
  service::LoadBalancersAdmin& load_balancers;
  service::LimitsAdmin& limits;
  service::AdminUsers& users;
  service::Journal& journal;
  Probes probes;
};

// The admin API v1 and v2.0, for a dispatcher of its own. The services must outlive it.
void addAdminRoutes(Dispatcher& dispatcher, const AdminGate& gate, const AdminServices& services);

}  // namespace libra::api
