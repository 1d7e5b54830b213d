#pragma once

#include <memory>

#include "lib/event/loop.h"
#include "lib/event/timer.h"
#include "lib/event/worker_pool.h"
#include "sidecar/agent.h"
#include "sidecar/checks/node_checks.h"
#include "sidecar/heartbeat/heart.h"
#include "sidecar/job_loop.h"
#include "sidecar/settings.h"
#include "sidecar/vip/claim_exchange.h"
#include "sidecar/vip/netlink_vip_holder.h"

namespace libra::sidecar {

// The sidecar, put together. Threads: the loop (signals, timers, announcements; never
// blocked), "upkeep" (repair, cold start), "heart" and those of the job loop. Members stand in
// the order of their dependencies, so destruction is the shutdown.
class App {
 public:
  static Result<std::unique_ptr<App>> make(const Settings& settings);

  ~App();

  int run();  // until SIGTERM

 private:
  explicit App(const Settings& settings) : usage_(settings.usageFile(), clock_) {}
  Status open(const Settings& settings);
  void makeAgent(const Settings& settings);
  Status startHeart(const Heart::Options& options);
  Status startClaims(const Settings& settings);
  void waitForControllers();  // and act alone if none answers
  void actAlone();
  void scheduleColdStart();  // any thread

  SystemClock clock_;
  EventLoop loop_;
  std::unique_ptr<Driver> driver_;
  std::unique_ptr<NetlinkVipHolder> vips_;
  UsageLedger usage_;
  std::unique_ptr<checks::LoopChecks> checks_;
  std::unique_ptr<Heart> heart_;
  std::unique_ptr<ClaimExchange> claims_;  // none where neighbours are not spoken to, or nothing is signed
  std::unique_ptr<DeviceKeeper> keeper_;
  std::unique_ptr<Agent> agent_;
  WorkerPool upkeep_{"upkeep", 1, 4};
  std::unique_ptr<JobLoop> jobs_;
  std::unique_ptr<Timer> cold_start_, alone_;
  bool cold_start_scheduled_ = false;  // of the loop's thread
};

}  // namespace libra::sidecar
