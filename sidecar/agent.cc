#include "sidecar/agent.h"

#include <utility>

#include "lib/log/log.h"
#include "sidecar/mechanism_word.h"
#include "sidecar/self_check.h"

namespace libra::sidecar {

namespace {

using protocol::Action;
using protocol::failed;

constexpr log::Logger kLog{"agent"};
constexpr std::size_t kLargestJob = 8 << 20;

json::Value failedFor(json::Value request, std::string_view what, const Error& error) {
  kLog.error("{} failed: {}: {}", what, error.message, error.detail);
  return failed(std::move(request), error.message);
}

}  // namespace

Agent::Agent(DeviceKeeper& keeper, Driver& driver, UsageLedger& usage, Options options)
    : keeper_(keeper), driver_(driver), usage_(usage), options_(std::move(options)) {}

std::string Agent::answer(const std::string& payload) {
  if (payload.size() > kLargestJob) kLog.warn("a job of {} bytes is refused", payload.size());
  return json::dump(run(protocol::readJob(payload.size() > kLargestJob ? "" : payload)), true);
}

json::Value Agent::run(protocol::Job job) {
  if (!job.action) return failed(std::move(job.request));
  switch (*job.action) {
    case Action::Update:
      return update(std::move(job.request));
    case Action::Suspend:
      return suspend(std::move(job.request), true);
    case Action::Enable:
      return suspend(std::move(job.request), false);
    case Action::Delete:
      return erase(std::move(job.request));
    case Action::Stats:
      return stats(std::move(job.request));
    case Action::Metrics:
      return metrics(std::move(job.request));
    case Action::Archive:
      return archive(std::move(job.request));
    case Action::Discover:
      return discover(std::move(job.request));
    case Action::Diagnostics:
      return diagnostics(std::move(job.request));
    case Action::Check:
      return check(std::move(job.request));
  }
  return failed(std::move(job.request));
}

json::Value Agent::update(json::Value request) {
  auto read = protocol::readUpdate(request);
  if (const auto* bad = std::get_if<protocol::BadRequest>(&read)) {
    kLog.warn("UPDATE is no valid request: {}", bad->message);
    return protocol::badRequest(bad->message);
  }
  if (const auto* refused = std::get_if<protocol::Refused>(&read)) {
    kLog.warn("UPDATE refused: {}", refused->error.empty() ? "a value is not valid" : refused->error);
    return failed(std::move(request), refused->error);
  }
  return apply(std::move(request), std::move(std::get<protocol::DeviceState>(read)));
}

json::Value Agent::apply(json::Value request, protocol::DeviceState wanted) {
  const std::lock_guard lock(mutex_);
  const auto& now = keeper_.wanted();
  const bool older = wanted.generation < now.generation || (keeper_.deleted() && wanted.generation == now.generation);
  if (wanted.generation != 0 && older) return olderUpdate(std::move(request));

  wanted.suspended = now.suspended;  // ENABLE alone ends it
  const auto generation = wanted.generation;
  const auto applied = keeper_.apply(std::move(wanted));
  if (keeper_.coldStartDue()) options_.changed();
  tell();
  if (!applied) {
    kLog.error("UPDATE failed: {}: {}", applied.error().message, applied.error().detail);
    return protocol::updateFailed(std::move(request), applied.error().message);
  }
  if (generation != 0 && applied->generation > generation) return olderUpdate(std::move(request));
  const auto mechanism = wordFor(applied->mechanism);
  kLog.info("generation {} runs, by {} in {} us", applied->generation, mechanism.empty() ? "no change" : mechanism,
            applied->duration.count());
  return protocol::updated(std::move(request), {.generation = applied->generation,
                                                .mechanism = mechanism,
                                                .ms = static_cast<double>(applied->duration.count()) / 1000,
                                                .node_ok = applied->node_ok});
}

json::Value Agent::olderUpdate(json::Value request) const {
  if (keeper_.appliedGeneration() < keeper_.wanted().generation)
    return protocol::updateFailed(std::move(request), "A newer configuration is being applied");
  return protocol::updated(
      std::move(request),
      {.generation = keeper_.appliedGeneration(), .already_newer = true, .mechanism = {}, .node_ok = {}});
}

json::Value Agent::suspend(json::Value request, bool suspended) {
  const std::lock_guard lock(mutex_);
  if (keeper_.deleted()) return failed(std::move(request));
  auto wanted = keeper_.wanted();
  wanted.suspended = suspended;
  const auto applied = keeper_.apply(std::move(wanted));
  if (keeper_.coldStartDue()) options_.changed();
  if (applied) return protocol::passed(std::move(request));
  kLog.error("{} failed: {}: {}", suspended ? "SUSPEND" : "ENABLE", applied.error().message, applied.error().detail);
  return failed(std::move(request));
}

json::Value Agent::erase(json::Value request) {
  const std::lock_guard lock(mutex_);
  const auto cleared = keeper_.clear();
  tell();
  if (keeper_.coldStartDue()) options_.changed();
  if (cleared) return protocol::passed(std::move(request));
  kLog.error("DELETE failed: {}: {}", cleared.error().message, cleared.error().detail);
  return failed(std::move(request));
}

json::Value Agent::stats(json::Value request) {
  const std::lock_guard lock(mutex_);
  if (keeper_.deleted()) return protocol::onDeleted(std::move(request), "STATS");
  const auto nodes = keeper_.nodeStatus();
  if (!nodes) return failedFor(std::move(request), "STATS", nodes.error());
  return protocol::withEvents(protocol::withHealth(std::move(request), *nodes), keeper_.events());
}

json::Value Agent::metrics(json::Value request) {
  const std::lock_guard lock(mutex_);
  if (keeper_.deleted()) return protocol::onDeleted(std::move(request), "METRICS");
  const auto now = driver_.usage();
  if (!now) return failedFor(std::move(request), "METRICS", now.error());
  usage_.sample(*now);
  const auto period = usage_.report(protocol::acknowledged(request));
  if (!period) return failedFor(std::move(request), "METRICS", period.error());
  return protocol::withUsage(std::move(request), *period);
}

json::Value Agent::archive(json::Value request) const {
  const auto problem = protocol::checkArchive(request);
  if (const auto* bad = std::get_if<protocol::BadRequest>(&problem)) return protocol::badRequest(bad->message);
  if (std::holds_alternative<protocol::Refused>(problem)) return failed(std::move(request));
  return failed(std::move(request), "No log storage configured");
}

json::Value Agent::diagnostics(json::Value request) const {
  auto diagnosis = options_.diagnose();
  diagnosis.listening = driver_.capabilities().listening;
  return protocol::withDiagnosis(std::move(request), diagnosis);
}

// One that carries something shows every second whether it can.
json::Value Agent::check(json::Value request) {
  const std::lock_guard lock(mutex_);
  if (!keeper_.wanted().load_balancers.empty()) return protocol::passed(std::move(request));
  const auto carries = checkItself(driver_, keeper_.wanted());
  if (carries) return protocol::passed(std::move(request));
  return failedFor(std::move(request), "CHECK", carries.error());
}

json::Value Agent::discover(json::Value request) const {
  auto able = driver_.capabilities();
  if (!able.listening.empty()) able.words.emplace_back(kSelfCheck);  // a driver that listens nowhere carries nothing
  return protocol::withRelease(std::move(request), {.version = options_.version,
                                                    .release = options_.release,
                                                    .driver = able.driver,
                                                    .proxy = able.version,
                                                    .capabilities = able.words,
                                                    .max_load_balancers = able.max_load_balancers});
}

void Agent::upkeep() {
  const std::lock_guard lock(mutex_);
  driver_.attend();  // before all else: clients wait
  if (!keeper_.upkeep()) return;
  if (keeper_.coldStartDue()) options_.changed();
  tell();
}

void Agent::yield(const heartbeat::HeldVip& vip) {
  const std::lock_guard lock(mutex_);
  if (const auto yielded = keeper_.yield(vip.address, vip.epoch); !yielded)
    kLog.error("{} cannot be given up: {}: {}", vip.address.str(), yielded.error().message, yielded.error().detail);
  tell();
}

void Agent::trustVips() {
  const std::lock_guard lock(mutex_);
  keeper_.trustVips();
}

bool Agent::trustUndefended() {
  const std::lock_guard lock(mutex_);
  return keeper_.trustUndefended();
}

void Agent::proxyRestarted() {
  {
    const std::lock_guard lock(mutex_);
    keeper_.proxyRestarted();
  }
  upkeep();
}

heartbeat::Report Agent::report() {
  const std::lock_guard lock(mutex_);
  return snapshot();
}

heartbeat::Report Agent::snapshot() const {
  heartbeat::Report report;
  report.generation = keeper_.appliedGeneration();
  report.serving = !keeper_.wanted().load_balancers.empty();
  for (const auto& vip : keeper_.wanted().virtual_ips) report.vips.push_back({vip.address, vip.epoch});
  return report;
}

// Jobs need not wait for the writing.
void Agent::writeColdStart() {
  auto write = Result<ColdStart>(ColdStart());
  {
    const std::lock_guard lock(mutex_);
    if (!keeper_.coldStartDue()) return;
    write = keeper_.coldStart();
  }
  const auto written = write ? (*write)() : Status(write.error());
  if (written) return;
  kLog.error("no new cold start: {}: {}", written.error().message, written.error().detail);
  const std::lock_guard lock(mutex_);
  keeper_.coldStartFailed();
}

}  // namespace libra::sidecar
