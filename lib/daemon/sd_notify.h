#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lib/event/timer.h"

namespace libra::daemon {

// One message to the service manager of NOTIFY_SOCKET; without one nothing happens.
// False when there is a manager and it could not be told. Any thread.
bool notify(std::string_view message);
inline bool notifyReady() { return notify("READY=1"); }
inline bool notifyStopping() { return notify("STOPPING=1"); }
bool notifyStatus(std::string_view text);  // one line for `systemctl status`

// Period the manager demands (WATCHDOG_USEC for our pid), if it does.
std::optional<std::chrono::microseconds> watchdogPeriod();

// Sends WATCHDOG=1 from the loop at half the demanded period, so a loop that hangs is
// restarted. Does nothing when no watchdog is asked for. Of the loop's thread.
class Watchdog {
 public:
  explicit Watchdog(EventLoop& loop);

 private:
  std::unique_ptr<Timer> timer_;
};

}  // namespace libra::daemon
