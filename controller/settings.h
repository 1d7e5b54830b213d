#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "controller/alerts/webhook.h"
#include "controller/enrolment/desk.h"
#include "controller/jobs/gearman_gateway.h"
#include "controller/provider/make_provider.h"
#include "controller/service/breaker.h"
#include "controller/service/expunge.h"
#include "controller/service/lease_keeper.h"
#include "controller/service/spare_pool.h"
#include "controller/store/mysql/options.h"
#include "controller/watch/watch.h"
#include "lib/base/net_address.h"
#include "lib/config/toml.h"
#include "lib/http/server.h"
#include "lib/tls/context.h"

namespace libra {

// libra-controller's settings file; fixed from start to end of the process.
struct Settings {
  std::string log_level;

  struct Api {
    std::string listen;  // unless the service manager hands a socket over
    tls::Files tls;
    int http_threads = 1;
    int workers = 8;    // requests worked on at once, each with a database connection
    int waiting = 256;  // requests in the queue before them; more are answered 503
    http::Limits limits;
    std::chrono::seconds drain{10};  // for requests under way when it stops
    bool queue_changes = false;      // `immutable = "queue"`: a change of what is PENDING waits its turn, no 422
  } api;

  struct Admin {
    std::string listen;  // unless the service manager hands a second socket over
    tls::Files tls;      // unset: those of the tenant API
    int workers = 2;
    std::vector<std::string> tenants;  // have level ADMIN whenever the controller starts
  } admin;

  std::string token_file;
  enrolment::Options enrolment;
  store::mysql::Options database;
  gear::Connection gearman;
  GearmanGateway::Options gateway;
  bool pool_messages = false;  // serve the ancestor's libra_pool_mgm; unless sealed, anybody at the job servers may ask
  service::SparePool::Options pool;
  provider::Config provider;

  struct Vips {
    std::vector<NetRange> ranges;
    int prefix = 32, prefix6 = 128;  // with which a device adds the address
    std::chrono::seconds quarantine{60};
  } vips;

  struct Watch {
    std::optional<watch::Watch::Options> options;  // none: devices are not watched
    tls::Files tls;
  } watch;
  service::Breaker::Options breaker;
  alerts::Webhook::Options webhook;
  service::Alerts::Options alerts;
  service::Expunge::Options keep;
  service::LeaseKeeper::Options leases;

  std::vector<NetRange> node_filters;
  std::chrono::seconds change_deadline{120};
  std::chrono::seconds node_poll{5};
  std::chrono::seconds usage_every{300};
};

Status readSettings(config::File& file, Settings& settings);

// Whether what the settings name can be used: certificates, token file, provider.
// Invalid with a line for each that cannot.
Status checkSettings(const Settings& settings);

}  // namespace libra
