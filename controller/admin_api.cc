#include "controller/admin_api.h"

#include "controller/api/admin_faults.h"
#include "controller/store/mysql/probe.h"
#include "lib/base/host_port.h"

namespace libra {

namespace {

// As the admin API shows a server: without its port.
std::string hostOf(const std::string& server) {
  const auto parsed = HostPort::parse(server);
  return parsed ? parsed->host : server;
}

api::ApiServer::Options serverOptions(const Settings& settings, const Adapters& out) {
  api::ApiServer::Options options;
  options.limits = settings.api.limits;
  options.tls = out.admin_tls;
  options.refusal = api::adminRefusal;
  options.name = "admin-http";
  return options;
}

}  // namespace

AdminApi::AdminApi(const Settings& settings, const Adapters& out, const service::Context& context,
                   service::LoadBalancers& load_balancers, api::Readiness& readiness, api::RequestCounters& requests)
    : settings_(settings),
      out_(out),
      failover_(context),
      devices_(context, *out.gateway, failover_),
      load_balancers_(context, load_balancers),
      limits_(context.store),
      users_(context.store),
      journal_(context),
      dispatcher_(*out.identity, requests, context.clock),
      work_("admin", settings.admin.workers, static_cast<std::size_t>(settings.api.waiting)),
      server_(dispatcher_, work_, context.clock, serverOptions(settings, out)) {
  api::addAdminRoutes(dispatcher_,
                      {context.store, context.clock, devices_, load_balancers_, limits_, users_, journal_, probes()});
  api::addHealthRoutes(dispatcher_, readiness);
}

api::Probes AdminApi::probes() const {
  const auto databases = [this] {
    std::vector<api::codec::ServerState> states;
    for (const auto& [server, online] : store::mysql::probe(settings_.database))
      states.push_back({hostOf(server), online});
    return states;
  };
  const auto job_servers = [this] {
    std::vector<api::codec::ServerState> states;
    for (const auto& state : out_.gateway->servers()) states.push_back({hostOf(state.server), state.answers});
    return states;
  };
  return {databases, job_servers};
}

Status AdminApi::start() { return server_.start(out_.admin_listener.get()); }

void AdminApi::stop(std::chrono::milliseconds patience) { server_.stop(patience); }

}  // namespace libra
