#pragma once

#include <condition_variable>
#include <list>
#include <string>
#include <thread>

#include "controller/provider/netns_helper/process.h"
#include "lib/base/backoff.h"
#include "lib/base/clock.h"
#include "lib/base/locked.h"

namespace libra::provider::netns {

// Keeps the programs of devices running, as an init would: one that dies is started
// again, at once the first time and later and later if it dies soon each time. Programs
// outlive the supervisor. Thread-safe; has a thread of its own.
class Supervisor {
 public:
  Supervisor();
  ~Supervisor();

  Status start(const std::string& device, const Launch& what);  // and keep running; Internal: it does not start
  // The same for what an earlier helper started: what its pid file names, or it anew.
  void adopt(const std::string& device, const Launch& what);
  void forget(const std::string& device);  // nothing of it is started after this

 private:
  struct Program {
    std::string device;
    Launch launch;
    Process process;  // no handle: not running
    Instant since{};  // started then
    int deaths = 0;   // soon after the start, in a row
    Instant due{};    // when not running
    bool wanted = true;
  };
  using Programs = std::list<Program>;

  void keep(const std::string& device, const Launch& what, Process process);
  void run();
  void waitForNews();
  void buryDead(Programs& programs);
  void startDue(Programs& programs);
  static void scheduleRestart(Program& program);

  Locked<Programs> programs_;
  Fd wake_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace libra::provider::netns
