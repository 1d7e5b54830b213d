#pragma once

#include <functional>
#include <vector>

#include "lib/event/loop.h"

namespace libra::daemon {

// SIGTERM and SIGINT call `stop` on the loop (each time one comes), SIGHUP calls `reload`
// if there is one. One per process; create and destroy while the loop does not run or on its thread.
class Signals {
 public:
  Signals(EventLoop& loop, std::function<void()> stop, std::function<void()> reload = {});
  Signals(const Signals&) = delete;

 private:
  static void onSignal(evutil_socket_t number, short, void* self) noexcept;

  std::function<void()> stop_;
  std::function<void()> reload_;
  std::vector<Event> events_;
};

}  // namespace libra::daemon
