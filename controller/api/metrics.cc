#include "controller/api/metrics.h"

#include "lib/log/log.h"
#include "lib/metrics/page.h"
#include "lib/tls/expiry.h"

namespace libra::api {

namespace {

constexpr log::Logger kLog{"metrics"};

using metrics::Page;
using Seconds = std::chrono::duration<double>;

double since(const std::optional<Time>& begun, Time now) {
  return begun ? std::max(0.0, Seconds(now - *begun).count()) : 0.0;
}

double secondsOf(Time time) { return Seconds(time.time_since_epoch()).count(); }

void writeRequests(Page& page, RequestCounters& requests) {
  page.family("libra_api_requests_total", "counter", "Requests answered, by route");
  requests.each([&](std::string_view route, std::string_view method, const RequestCounters::Sum& sum) {
    for (const auto& [status, times] : sum.by_status)
      page.sample({{"route", route}, {"method", method}, {"code", std::to_string(status)}}, static_cast<double>(times));
  });
  page.family("libra_api_request_duration_seconds", "histogram", "From the arrival of a request to its answer");
  requests.each([&](std::string_view route, std::string_view method, const RequestCounters::Sum& sum) {
    page.histogram({{"route", route}, {"method", method}}, sum.time);
  });
}

void writePhases(Page& page, const metrics::Histogram& api, const service::ChangePhases& phases) {
  page.family("libra_change_phase_seconds", "histogram",
              "Where the time of changes goes: request, COMMIT, way to the device and back, work on the device");
  page.histogram({{"phase", "api"}}, api);
  page.histogram({{"phase", "commit"}}, phases.commit);
  page.histogram({{"phase", "gearman"}}, phases.gearman);
  page.histogram({{"phase", "device"}}, phases.device);
}

void writePool(Page& page, const service::SparePool::State& pool) {
  page.family("libra_pool_spares_target", "gauge", "Spare devices wanted");
  page.sample({}, pool.wanted);
  page.family("libra_pool_building", "gauge", "Devices on their way into the pool");
  page.sample({}, pool.building);
  page.family("libra_pool_build_failing", "gauge", "1 while the last build failed");
  page.sample({}, pool.last_error.empty() ? 0 : 1);
}

void writeCensus(Page& page, const service::Census& census) {
  page.family("libra_pool_spares", "gauge", "Spare devices that can be given out");
  page.sample({}, census.spares);
  page.family("libra_devices", "gauge", "Devices by state and zone");
  for (const auto& [key, count] : census.devices)
    page.sample({{"state", name(key.first)}, {"zone", key.second}}, count);
  page.family("libra_vips", "gauge", "Virtual IPs by state");
  page.sample({{"state", "used"}}, census.vips.held);
  page.sample({{"state", "free"}}, census.vips.free);
  page.sample({{"state", "quarantined"}}, census.vips.quarantined);
  page.family("libra_load_balancers", "gauge", "Load balancers by state");
  for (const auto& [status, count] : census.load_balancers) page.sample({{"state", name(status)}}, count);
  page.family("libra_jobs_pending", "gauge", "Devices that do not run what they should yet");
  page.sample({}, census.backlog.devices);
  page.family("libra_job_oldest_seconds", "gauge", "Age of the oldest change that waits for its device");
  page.sample({}, since(census.backlog.oldest, census.at));
  page.family("libra_lb_pending_oldest_seconds", "gauge", "Age of the oldest load balancer that is not settled");
  page.sample({}, since(census.oldest_pending, census.at));
}

void writeHealing(Page& page, service::Healer& healer) {
  const auto sums = healer.sums();
  page.family("libra_failovers_total", "counter", "Devices found dead, by what told so and what followed");
  for (const auto& [key, count] : sums.failovers)
    page.sample({{"reason", name(key.first)}, {"result", key.second}}, count);
  page.family("libra_failover_duration_seconds", "histogram",
              "From the last sign of life to the verdict, from there to the commit, and what the fence took");
  page.histogram({{"phase", "detection"}}, healer.detection());
  page.histogram({{"phase", "decision"}}, healer.decision());
  page.histogram({{"phase", "fencing"}}, healer.fencing());
  page.family("libra_vip_two_holders", "gauge", "Virtual IPs that a device we could not cut off may hold too");
  page.sample({}, sums.two_holders);
  const auto breaker = healer.breaker().state();
  page.family("libra_breaker_open", "gauge", "1 while failovers are held back");
  page.sample({}, breaker.open ? 1 : 0);
  page.family("libra_breaker_waiting", "gauge", "Dead devices whose failover is held back");
  page.sample({}, breaker.waiting);
}

void writeHeartbeats(Page& page, const Heartbeats& heard) {
  page.family("libra_heartbeat_devices", "gauge", "Devices connected to this watcher");
  page.sample({}, static_cast<double>(heard.connected));
  page.family("libra_heartbeats_total", "counter", "Datagrams of devices, by what became of them");
  for (const auto& [result, count] : {std::pair{"authentic", heard.authentic},
                                      {"refused", heard.refused},
                                      {"replayed", heard.replayed},
                                      {"late", heard.late}})
    page.sample({{"result", result}}, static_cast<double>(count));
  page.family("libra_heartbeat_lag_seconds", "gauge", "Worst delay of a beat of late");
  page.sample({}, Seconds(heard.worst_delay).count());
  page.family("libra_watcher_blind", "gauge", "1 while this watcher hears no device at all");
  page.sample({}, heard.blind ? 1 : 0);
  page.family("libra_watcher_late_total", "counter", "Times this watcher ran late itself and judged nobody");
  page.sample({}, heard.late_turns);
}

void writeServers(Page& page, const char* family, const char* help, const std::vector<codec::ServerState>& servers) {
  page.family(family, "gauge", help);
  for (const auto& [server, online] : servers) page.sample({{"server", server}}, online ? 1 : 0);
}

void writeCertificates(Page& page, const std::vector<std::pair<std::string, std::string>>& certificates) {
  page.family("libra_certificate_expiry_timestamp_seconds", "gauge", "When a certificate of ours ends");
  for (const auto& [use, file] : certificates) {
    const auto end = tls::expiryOf(file);
    if (end)
      page.sample({{"use", use}}, secondsOf(*end));
    else
      kLog.warn("cannot read the certificate for {}: {}", use, end.error().message);
  }
}

}  // namespace

std::string writeMetrics(const MetricSources& sources) {
  Page page;
  page.family("libra_build_info", "gauge", "Always 1");
  page.sample({{"version", sources.version}}, 1);
  writeRequests(page, sources.requests);
  writePhases(page, sources.requests.accepted(), sources.phases);
  writePool(page, sources.pool());
  writeHealing(page, sources.healer);
  if (const auto heard = sources.heartbeats()) writeHeartbeats(page, *heard);
  if (const auto census = service::takeCensus(sources.store, sources.clock))
    writeCensus(page, *census);
  else
    kLog.warn("metrics without what the database knows: {}", census.error().detail);
  writeServers(page, "libra_db_up", "1 while a database server takes our sessions", sources.probes.databases());
  writeServers(page, "libra_job_server_up", "1 while a job server answers", sources.probes.job_servers());
  writeCertificates(page, sources.certificates);
  return page.take();
}

void addMetricsRoute(Dispatcher& dispatcher, Identity& identity, const AdminGate& gate, MetricSources sources) {
  const auto admit = [&identity, gate](const http::Request& request) -> Status {
    if (request.remote && request.remote->isLoopback()) return ok();
    const auto caller = identity.identify(std::string(request.headers.get("X-Auth-Token")));
    return caller ? gate.check(*caller, model::AdminLevel::User) : Status(caller.error());
  };
  const auto handler = [admit, sources = std::move(sources)](const Call& call) -> Answer {
    if (auto admitted = admit(call.request); !admitted) return admitted.error();
    http::Response response(200, writeMetrics(sources));
    response.content_type = metrics::Page::kContentType;
    return response;
  };
  dispatcher.add("GET", "/metrics", {handler, Access::Open});
}

}  // namespace libra::api
