#pragma once

#include <memory>

#include "controller/api/token_file.h"
#include "controller/jobs/gearman_gateway.h"
#include "controller/service/change_phases.h"
#include "controller/service/provider.h"
#include "controller/service/store.h"
#include "controller/settings.h"
#include "controller/watch/watch.h"
#include "lib/base/handles.h"
#include "lib/tls/context.h"

namespace libra {

// The outside world as the settings name it.
struct Adapters {
  Fd listener, admin_listener;
  std::shared_ptr<tls::ReloadingContext> tls, admin_tls;
  std::unique_ptr<api::TokenFile> identity;
  std::unique_ptr<service::ChangePhases> phases = std::make_unique<service::ChangePhases>();
  std::unique_ptr<service::Store> store;  // tells the phases how long commits took
  std::unique_ptr<service::Provider> provider;
  std::unique_ptr<GearmanGateway> gateway;
  std::unique_ptr<watch::Watch> watch;  // null: the settings want none
};

// Opens all of it or fails with the first that cannot be used: the controller starts whole
// or not at all. Sockets handed over are, in this order, the tenants' and the operator's. The
// schema is brought up to date, the VIPs and the first operators of the settings are in
// the store afterwards. A job server need not answer yet.
Result<Adapters> openAdapters(const Settings& settings, const Clock& clock);

}  // namespace libra
