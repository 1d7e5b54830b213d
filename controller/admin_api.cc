#include "controller/admin_api.h"

#include "controller/api/admin_faults.h"
#include "controller/store/mysql/probe.h"
#include "lib/daemon/daemon.h"

namespace libra {

namespace {

api::ApiServer::Options serverOptions(const Settings& settings, const Adapters& out) {
  api::ApiServer::Options options;
  options.limits = settings.api.limits;
  options.tls = out.admin_tls;
  options.refusal = api::adminRefusal;
  options.name = "admin-http";
  return options;
}

std::vector<std::pair<std::string, std::string>> certificates(const Settings& settings) {
  std::vector<std::pair<std::string, std::string>> files{{"api", settings.api.tls.certificate},
                                                         {"admin", settings.admin.tls.certificate}};
  if (!settings.gearman.clear_text) files.emplace_back("gearman", settings.gearman.certificate);
  return files;
}

std::optional<api::Heartbeats> heartbeats(const watch::Watch* watch) {
  if (watch == nullptr) return std::nullopt;
  const auto state = watch->state();
  const auto& beats = state.beats;
  return api::Heartbeats{state.connected, beats.beats,       beats.refused, beats.replayed,
                         beats.late,      beats.worst_delay, state.blind,   state.late_turns};
}

}  // namespace

AdminApi::AdminApi(const Settings& settings, const Adapters& out, const service::Context& context, const Parts& parts)
    : settings_(settings),
      out_(out),
      failover_(context),
      devices_(context, *out.gateway, failover_),
      vips_(context, failover_),
      load_balancers_(context, parts.load_balancers),
      pool_(context, *out.provider, *out.gateway, devices_, {settings.pool.name_prefix, settings.pool.answer_within}),
      limits_(context.store),
      users_(context.store),
      journal_(context),
      dispatcher_(*out.identity, parts.requests, context.clock),
      work_("admin", settings.admin.workers, static_cast<std::size_t>(settings.api.waiting)),
      server_(dispatcher_, work_, context.clock, serverOptions(settings, out)) {
  addRoutes(context, parts);
}

void AdminApi::addRoutes(const service::Context& context, const Parts& parts) {
  const api::AdminGate gate(users_, journal_);
  api::addAdminRoutes(dispatcher_, gate,
                      {context.store, context.clock, devices_, vips_, parts.healer, load_balancers_, limits_, users_,
                       journal_, probes()});
  api::addMetricsRoute(dispatcher_, *out_.identity, gate,
                       {daemon::version(), context.store, context.clock, parts.requests, *out_.phases,
                        [&spares = parts.spares] { return spares.state(); }, parts.healer,
                        [watch = out_.watch.get()] { return heartbeats(watch); }, probes(), certificates(settings_)});
  api::addHealthRoutes(dispatcher_, parts.readiness);
}

api::Probes AdminApi::probes() const {
  const auto databases = [this] {
    std::vector<api::codec::ServerState> states;
    for (const auto& [server, online] : store::mysql::probe(settings_.database)) states.push_back({server, online});
    return states;
  };
  const auto job_servers = [this] {
    std::vector<api::codec::ServerState> states;
    for (const auto& state : out_.gateway->servers()) states.push_back({state.server, state.answers});
    return states;
  };
  return {databases, job_servers};
}

Status AdminApi::start() {
  auto started = server_.start(out_.admin_listener.get());
  if (!started || !settings_.pool_messages) return started;
  return pool_messages_.emplace(settings_.gearman, pool_, settings_.gateway.sealed).start();
}

void AdminApi::stop(std::chrono::milliseconds patience) { server_.stop(patience); }

void AdminApi::finish() {
  pool_messages_.reset();
  work_.stop();
}

}  // namespace libra
