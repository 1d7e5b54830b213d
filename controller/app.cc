#include "controller/app.h"

#include <unistd.h>

#include <climits>

#include "controller/adapters.h"
#include "controller/admin_api.h"
#include "controller/api/api_server.h"
#include "controller/api/health.h"
#include "controller/api/routes.h"
#include "controller/service/healer.h"
#include "controller/service/lease_keeper.h"
#include "controller/service/node_watch.h"
#include "controller/service/usage_collection.h"
#include "controller/store/mysql/mysql_store.h"
#include "lib/base/ids.h"
#include "lib/daemon/daemon.h"
#include "lib/daemon/sd_notify.h"
#include "lib/daemon/signals.h"
#include "lib/log/log.h"
#include "lib/protocol/enrolment.h"

namespace libra {

namespace {

constexpr log::Logger kLog{"controller"};
constexpr Millis kLookForDue{1000};
constexpr Millis kHeal{10};
constexpr Millis kFlushCounters{5000};
constexpr int kHealers = 2;  // one may wait for the provider to cut a device off
constexpr Millis kTellAlerts{1000};
constexpr Millis kForgetRows{60'000};
constexpr Millis kLookForEnd{20};
constexpr std::chrono::seconds kFinishJobs{10};

std::string textOf(const Error& error) {
  return error.detail.empty() ? error.message : error.message + " (" + error.detail + ")";
}

// Of this life of this process; the host's name is for those who read the rows, as much of
// it as their column has room for.
std::string identity() {
  constexpr std::size_t kMostOfHost = 36;
  char host[HOST_NAME_MAX + 1] = {};
  gethostname(host, HOST_NAME_MAX);
  return std::string(host).substr(0, kMostOfHost) + "-" + randomHex(8);
}

// All parts, each after those it needs. Work that blocks is done on the two pools; the
// main loop only says when.
class App {
 public:
  App(const Settings& settings, const Clock& clock, Adapters adapters)
      : settings_(settings), out_(std::move(adapters)), clock_(clock), work_("work", settings.api.workers, waiting()) {}

  int run();

 private:
  std::size_t waiting() const { return static_cast<std::size_t>(settings_.api.waiting); }
  service::Context context();
  service::DeviceSync::Run on(WorkerPool& pool);
  std::vector<api::Readiness::Check> readinessChecks();
  service::AlertHook* webhook();
  void addEnrolment();
  void startTimers();
  void readDevices();
  void flushCounters();
  void forgetRows();
  void beginStop();
  void endWhenIdle();
  void takeDown();

  const Settings& settings_;
  Adapters out_;
  const Clock& clock_;
  service::JoinedStore store_{*out_.store};
  service::Counters counters_{store_};
  service::LeaseKeeper leases_{*out_.store, clock_, identity(), settings_.leases};
  WorkerPool work_;
  WorkerPool renewals_{"leases", 1, 1};  // of its own: a crowd of tenants must not cost us the leases
  WorkerPool heals_{"heal", kHealers, waiting()};
  WorkerPool tells_{"alerts", 1, 1};  // may wait for whom it tells
  WorkerPool builds_{"builds", settings_.pool.parallel_builds, waiting()};

  service::DeviceSync sync_{
      context(), *out_.gateway, on(work_), {.phases = out_.phases.get()}, [this] { spares_.tick(); }};
  service::Healer healer_{context(),
                          *out_.provider,
                          on(heals_),
                          {[this](const std::string& device) { return out_.watch && out_.watch->isLost(device); },
                           [this](const std::string& device) { return out_.watch && out_.watch->hears(device); }},
                          settings_.breaker};
  service::NodeWatch nodes_watch_{context(), *out_.gateway, on(work_)};
  service::UsageCollection usage_{context(), *out_.gateway, on(work_)};
  service::SparePool spares_{context(), *out_.provider, *out_.gateway, on(builds_), settings_.pool};
  std::optional<alerts::Webhook> webhook_;
  service::Alerts alerts_{context(), webhook(), settings_.alerts};
  service::Expunge expunge_{context(), settings_.keep};
  service::LoadBalancers load_balancers_{context()};
  service::Nodes nodes_{context()};
  service::HealthMonitors monitors_{context()};

  api::Repeatable repeatable_{store_, clock_};
  api::RequestCounters requests_;
  enrolment::Desk enrolment_{settings_.enrolment, clock_};

  api::Readiness readiness_{clock_, readinessChecks()};
  api::Dispatcher dispatcher_{*out_.identity, requests_, clock_};
  api::ApiServer server_{dispatcher_, work_, clock_, {settings_.api.http_threads, settings_.api.limits, out_.tls}};
  AdminApi admin_{settings_, out_, context(), {load_balancers_, spares_, healer_, readiness_, requests_}};

  EventLoop loop_;
  Timer sweep_{loop_, [this] { sync_.sweep(), spares_.tick(); }};
  Timer campaign_{loop_, [this] { renewals_.offer([this] { leases_.campaign(); }); }};
  Timer heal_{loop_, [this] { healer_.tick(); }};
  Timer read_devices_{loop_, [this] { heals_.offer([this] { readDevices(); }); }};
  Timer poll_{loop_, [this] { nodes_watch_.poll(); }};
  Timer collect_{loop_, [this] { usage_.collect(); }};
  Timer flush_{loop_, [this] { work_.offer([this] { flushCounters(); }); }};
  Timer tell_{loop_, [this] { tells_.offer([this] { alerts_.work(); }); }};
  Timer forget_{loop_, [this] { work_.offer([this] { forgetRows(); }); }};
  Timer end_{loop_, [this] { endWhenIdle(); }};
  Instant end_at_{};
  daemon::Watchdog watchdog_{loop_};
  daemon::Signals signals_{loop_, [this] { beginStop(); },
                           [this] { out_.tls->reloadNow(), out_.admin_tls->reloadNow(); }};
};

service::Context App::context() {
  return {.store = store_,
          .clock = clock_,
          .counters = counters_,
          .leases = leases_,
          .wake = [this](std::int64_t device) { service::JoinedStore::afterCommit([=, this] { sync_.wake(device); }); },
          .begin =
              [this](std::int64_t device, service::DeviceJob job) {
                service::JoinedStore::afterCommit([=, this] { sync_.begin(device, job); });
              },
          .node_filters = settings_.node_filters,
          .change_deadline = settings_.change_deadline,
          .vip_quarantine = settings_.vips.quarantine,
          .queue_changes = settings_.api.queue_changes};
}

service::DeviceSync::Run App::on(WorkerPool& pool) {
  return [&pool](std::function<void()> task) { pool.must(std::move(task)); };
}

std::vector<api::Readiness::Check> App::readinessChecks() {
  const auto database = [this] {
    return out_.store->transact([](service::Txn& txn) -> Status {
      txn.devices().counts();
      return ok();
    });
  };
  const auto job_server = [this] {
    return out_.gateway->usable() ? ok() : Status(Error{ErrorCode::Unavailable, "no job server answers"});
  };
  return {{"database", database}, {"job server", job_server}};
}

int App::run() {
  api::addTenantRoutes(dispatcher_, {load_balancers_, nodes_, monitors_, repeatable_});
  api::addHealthRoutes(dispatcher_, readiness_);
  if (settings_.enrolment.open()) addEnrolment();
  auto started = server_.start(out_.listener.get());
  if (started) started = admin_.start();
  if (!started) return kLog.error("{}", started.error().message), 1;
  if (out_.watch) out_.watch->start(healer_, on(heals_));
  startTimers();
  kLog.info("{} serves {}", daemon::version(), settings_.api.listen);
  daemon::notifyReady();
  loop_.run();
  takeDown();
  return 0;
}

service::AlertHook* App::webhook() {
  return settings_.webhook.url.empty() ? nullptr : &webhook_.emplace(settings_.webhook);
}

void App::addEnrolment() {
  const auto enrol = [this](const api::Call& call) -> api::Answer {
    auto answer = enrolment_.enrol(call.request.body);
    return answer ? api::Answer(http::Response{201, *std::move(answer)}) : answer.error();
  };
  dispatcher_.add("POST", protocol::kEnrolmentPath, {enrol, api::Access::Open});
}

void App::startTimers() {
  leases_.campaign();
  campaign_.every(settings_.leases.beat);
  sweep_.every(kLookForDue);
  poll_.every(settings_.node_poll);
  collect_.every(settings_.usage_every);
  flush_.every(kFlushCounters);
  tell_.every(kTellAlerts);
  forget_.every(kForgetRows);
  heal_.every(kHeal);
  if (out_.watch) read_devices_.every(kLookForDue);
}

void App::readDevices() {
  const auto devices = healer_.toWatch();
  if (!devices) return kLog.warn("cannot list the devices to watch: {}", devices.error().detail);
  out_.watch->follow(*devices);
}

void App::flushCounters() {
  if (const auto flushed = counters_.flush(); !flushed) kLog.warn("counters wait: {}", flushed.error().message);
}

void App::forgetRows() {
  if (const auto done = repeatable_.forget(); !done) kLog.warn("old requests stay: {}", done.error().message);
  if (const auto done = expunge_.work(); !done) kLog.warn("old rows stay: {}", done.error().detail);
}

// What is cut off is not lost: rows tell that it is due, and the next process does it.
void App::beginStop() {
  if (end_at_ != Instant{}) return loop_.stop();
  kLog.info("stopping");
  daemon::notifyStopping();
  sweep_.cancel();
  poll_.cancel();
  collect_.cancel();
  heal_.cancel();
  read_devices_.cancel();
  tell_.cancel();
  server_.stop(settings_.api.drain);
  admin_.stop(settings_.api.drain);
  end_at_ = clock_.monotonic() + kFinishJobs;
  end_.every(kLookForEnd);
}

void App::endWhenIdle() {
  if (sync_.underWay() == 0 || clock_.monotonic() > end_at_) loop_.stop();
}

void App::takeDown() {
  heals_.stop();
  out_.watch.reset();
  builds_.stop();
  tells_.stop();
  admin_.finish();
  work_.stop();
  renewals_.stop();
  leases_.resign();
  flushCounters();
  kLog.info("stopped");
}

}  // namespace

int runController(const Settings& settings) {
  const SystemClock clock;
  auto adapters = openAdapters(settings, clock);
  if (!adapters) return kLog.error("cannot start: {}", textOf(adapters.error())), 1;
  return App(settings, clock, *std::move(adapters)).run();
}

int migrateOnly(const Settings& settings) {
  const auto migrated = store::mysql::migrate(settings.database);
  if (!migrated) return kLog.error("{}", textOf(migrated.error())), 1;
  kLog.info("the schema is up to date");
  return 0;
}

}  // namespace libra
