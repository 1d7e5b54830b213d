#include "sidecar/app.h"

#include <filesystem>
#include <random>

#include "lib/daemon/daemon.h"
#include "lib/daemon/sd_notify.h"
#include "lib/daemon/signals.h"
#include "lib/log/log.h"

namespace libra::sidecar {

namespace {

constexpr log::Logger kLog{"sidecar"};
constexpr Millis kUpkeepPeriod{1000};
// Changes come in bursts, and the next job should not wait for the last one's file.
constexpr Millis kColdStartDelay{100};
constexpr Millis kAnswerWithin{3000};  // controllers, whose the VIPs of an earlier life are
constexpr Millis kNotAtOnce{1000};     // with the neighbours that were switched on with us

Status makeFolder(const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (failed) return Error{ErrorCode::Internal, "Cannot make " + path, failed.message()};
  return ok();
}

}  // namespace

Result<std::unique_ptr<App>> App::make(const Settings& settings) {
  auto app = std::unique_ptr<App>(new App(settings));
  if (const auto opened = app->open(settings); !opened) return opened.error();
  return app;
}

// The heart is told of things until the last job is done, and tells none meanwhile.
App::~App() {
  if (heart_) heart_->stop();
}

Status App::open(const Settings& settings) {
  if (auto made = makeFolder(settings.state_dir); !made) return made;
  auto driver = makeDriver(settings.driver, settings.driver_config, clock_);
  if (!driver) return driver.error();
  driver_ = *std::move(driver);
  auto vips = NetlinkVipHolder::open(settings.interface, settings.announce, loop_, clock_);
  if (!vips) return vips.error();
  vips_ = *std::move(vips);
  if (auto loaded = usage_.load(); !loaded) return loaded;

  auto checks = checks::LoopChecks::make(loop_, clock_, [this] { upkeep_.offer([this] { agent_->upkeep(); }); });
  if (!checks) return checks.error();
  checks_ = *std::move(checks);
  keeper_ = std::make_unique<DeviceKeeper>(*driver_, *vips_, StateFile(settings.stateFile()), usage_, *checks_, clock_);
  // Traffic goes on without it, and the next job brings the state anew.
  if (const auto loaded = keeper_->load(); !loaded)
    kLog.error("starting without the stored state: {}", loaded.error().detail);
  makeAgent(settings);
  if (auto started = startClaims(settings); !started) return started;
  return startHeart(settings.heart);
}

Status App::startClaims(const Settings& settings) {
  if (!settings.announce || !settings.sealed) return ok();
  const auto& files = settings.gearman;
  const auto outranked = [this](const NetAddress& vip, std::uint64_t epoch) {
    upkeep_.must([this, vip, epoch] { agent_->yield({vip, epoch}); });
  };
  auto claims = ClaimExchange::open(settings.interface, {files.ca, files.certificate, files.key}, loop_, clock_,
                                    {outranked, [this](const NetAddress& vip) { vips_->announceHeld(vip); }});
  if (!claims) return claims.error();
  claims_ = *std::move(claims);
  claims_->hold(keeper_->wanted().virtual_ips);
  return ok();
}

Status App::startHeart(const Heart::Options& options) {
  auto heart = Heart::start(options, clock_, agent_->report(),
                            {.drop = [this](const auto& vip) { upkeep_.must([this, vip] { agent_->yield(vip); }); },
                             .checked = [this] { upkeep_.must([this] { agent_->trustVips(), agent_->upkeep(); }); },
                             .proxy_restarted = [this] { upkeep_.must([this] { agent_->proxyRestarted(); }); }});
  if (!heart) return heart.error();
  heart_ = *std::move(heart);
  // With no controller in reach the device is on its own, as it was when it stopped.
  if (options.controllers.empty()) return agent_->trustVips(), ok();
  alone_ = std::make_unique<Timer>(loop_, [this] { upkeep_.must([this] { actAlone(); }); });
  waitForControllers();
  return ok();
}

// Two that ask their neighbours at the same moment keep each other from it, once.
void App::waitForControllers() {
  std::random_device random;
  alone_->once(kAnswerWithin + Millis(random() % kNotAtOnce.count()));
}

void App::actAlone() {
  const bool all = agent_->trustUndefended();
  agent_->upkeep();
  if (!all) loop_.post([this] { waitForControllers(); });
}

void App::makeAgent(const Settings& settings) {
  const std::string version = daemon::version();
  agent_ = std::make_unique<Agent>(*keeper_, *driver_, usage_,
                                   Agent::Options{.version = version,
                                                  .release = "Libra " + version,
                                                  .diagnose = [this] { return jobs_->diagnose(); },
                                                  .changed = [this] { scheduleColdStart(); },
                                                  .tell =
                                                      [this](const heartbeat::Report& report, const auto& vips) {
                                                        heart_->tell(report);
                                                        if (claims_) claims_->hold(vips);
                                                      }});
  jobs_ = std::make_unique<JobLoop>(settings, clock_,
                                    [this](const std::string& payload) { return agent_->answer(payload); });
  cold_start_ = std::make_unique<Timer>(loop_, [this] {
    cold_start_scheduled_ = false;
    upkeep_.must([this] { agent_->writeColdStart(); });
  });
}

void App::scheduleColdStart() {
  loop_.post([this] {
    if (!std::exchange(cold_start_scheduled_, true)) cold_start_->once(kColdStartDelay);
  });
}

int App::run() {
  const daemon::Signals signals(loop_, [this] { loop_.stop(); });
  const daemon::Watchdog watchdog(loop_);
  Timer upkeep(loop_, [this] { upkeep_.offer([this] { agent_->upkeep(); }); });
  upkeep.every(kUpkeepPeriod);

  agent_->upkeep();  // what the last life left is true before the first job
  if (const auto started = jobs_->start(); !started) {
    kLog.error("no jobs: {}: {}", started.error().message, started.error().detail);
    return 1;
  }
  daemon::notifyReady();
  loop_.run();
  daemon::notifyStopping();
  return 0;
}

}  // namespace libra::sidecar
