#include "controller/app.h"

#include "controller/adapters.h"
#include "controller/admin_api.h"
#include "controller/api/api_server.h"
#include "controller/api/health.h"
#include "controller/api/routes.h"
#include "controller/service/node_watch.h"
#include "controller/store/mysql/mysql_store.h"
#include "lib/daemon/daemon.h"
#include "lib/daemon/sd_notify.h"
#include "lib/daemon/signals.h"
#include "lib/log/log.h"

namespace libra {

namespace {

constexpr log::Logger kLog{"controller"};
constexpr Millis kLookForDue{1000};
constexpr Millis kFlushCounters{5000};
constexpr Millis kLookForEnd{20};
constexpr std::chrono::seconds kFinishJobs{10};

std::string textOf(const Error& error) {
  return error.detail.empty() ? error.message : error.message + " (" + error.detail + ")";
}

// All parts, each after those it needs. Work that blocks is done on the two pools; the
// main loop only says when.
class App {
 public:
  App(const Settings& settings, Adapters adapters)
      : settings_(settings), out_(std::move(adapters)), work_("work", settings.api.workers, waiting()) {}

  int run();

 private:
  std::size_t waiting() const { return static_cast<std::size_t>(settings_.api.waiting); }
  service::Context context();
  service::DeviceSync::Run on(WorkerPool& pool);
  std::vector<api::Readiness::Check> readinessChecks();
  void startTimers();
  void flushCounters();
  void beginStop();
  void endWhenIdle();
  void takeDown();

  const Settings& settings_;
  Adapters out_;
  SystemClock clock_;
  service::Counters counters_{*out_.store};
  WorkerPool work_;
  WorkerPool builds_{"builds", settings_.pool.parallel_builds, waiting()};

  service::DeviceSync sync_{
      context(), *out_.gateway, on(work_), {.phases = out_.phases.get()}, [this] { spares_.tick(); }};
  service::NodeWatch nodes_watch_{context(), *out_.gateway, on(work_)};
  service::SparePool spares_{context(), *out_.provider, *out_.gateway, on(builds_), settings_.pool};
  service::LoadBalancers load_balancers_{context()};
  service::Nodes nodes_{context()};
  service::HealthMonitors monitors_{context()};

  api::RequestCounters requests_;
  api::Readiness readiness_{clock_, readinessChecks()};
  api::Dispatcher dispatcher_{*out_.identity, requests_, clock_};
  api::ApiServer server_{dispatcher_, work_, clock_, {settings_.api.http_threads, settings_.api.limits, out_.tls}};
  AdminApi admin_{settings_, out_, context(), {load_balancers_, spares_, readiness_, requests_}};

  EventLoop loop_;
  Timer sweep_{loop_, [this] { sync_.sweep(), spares_.tick(); }};
  Timer poll_{loop_, [this] { nodes_watch_.poll(); }};
  Timer flush_{loop_, [this] { work_.offer([this] { flushCounters(); }); }};
  Timer end_{loop_, [this] { endWhenIdle(); }};
  Instant end_at_{};
  daemon::Watchdog watchdog_{loop_};
  daemon::Signals signals_{loop_, [this] { beginStop(); },
                           [this] { out_.tls->reloadNow(), out_.admin_tls->reloadNow(); }};
};

service::Context App::context() {
  return {.store = *out_.store,
          .clock = clock_,
          .counters = counters_,
          .wake = [this](std::int64_t device) { sync_.wake(device); },
          .node_filters = settings_.node_filters,
          .change_deadline = settings_.change_deadline,
          .vip_quarantine = settings_.vips.quarantine};
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
  api::addTenantRoutes(dispatcher_, {load_balancers_, nodes_, monitors_});
  api::addHealthRoutes(dispatcher_, readiness_);
  auto started = server_.start(out_.listener.get());
  if (started) started = admin_.start();
  if (!started) return kLog.error("{}", started.error().message), 1;
  startTimers();
  kLog.info("{} serves {}", daemon::version(), settings_.api.listen);
  daemon::notifyReady();
  loop_.run();
  takeDown();
  return 0;
}

void App::startTimers() {
  sweep_.every(kLookForDue);
  poll_.every(settings_.node_poll);
  flush_.every(kFlushCounters);
}

void App::flushCounters() {
  if (const auto flushed = counters_.flush(); !flushed) kLog.warn("counters wait: {}", flushed.error().message);
}

// What is cut off is not lost: rows tell that it is due, and the next process does it.
void App::beginStop() {
  if (end_at_ != Instant{}) return loop_.stop();
  kLog.info("stopping");
  daemon::notifyStopping();
  sweep_.cancel();
  poll_.cancel();
  server_.stop(settings_.api.drain);
  admin_.stop(settings_.api.drain);
  end_at_ = clock_.monotonic() + kFinishJobs;
  end_.every(kLookForEnd);
}

void App::endWhenIdle() {
  if (sync_.underWay() == 0 || clock_.monotonic() > end_at_) loop_.stop();
}

void App::takeDown() {
  builds_.stop();
  admin_.finish();
  work_.stop();
  flushCounters();
  kLog.info("stopped");
}

}  // namespace

int runController(const Settings& settings) {
  auto adapters = openAdapters(settings);
  if (!adapters) return kLog.error("cannot start: {}", textOf(adapters.error())), 1;
  return App(settings, *std::move(adapters)).run();
}

int migrateOnly(const Settings& settings) {
  const auto migrated = store::mysql::migrate(settings.database);
  if (!migrated) return kLog.error("{}", textOf(migrated.error())), 1;
  kLog.info("the schema is up to date");
  return 0;
}

}  // namespace libra
