#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "lib/base/clock.h"
#include "lib/base/handles.h"
#include "lib/event/readable.h"
#include "lib/event/timer.h"

namespace libra::sidecar {

// Tells at once when the proxy's process ends, and when its successor listens on the same
// runtime socket. Loop thread only.
class ProxyWatch {
 public:
  static constexpr std::chrono::seconds kComesBackWithin{1};  // or it is lost

  struct Events {
    std::function<void()> alive;  // it listens: the first one, or a successor
    std::function<void()> died;
    std::function<void()> lost;  // it crashed again within a minute, or does not come back: once per death
  };

  ProxyWatch(EventLoop& loop, const Clock& clock, std::string runtime_socket, Events events);

 private:
  void look();
  void ended();
  bool watch(pid_t process);

  EventLoop& loop_;
  const Clock& clock_;
  const std::string runtime_socket_;
  const Events events_;
  Timer again_;
  pid_t last_ = 0;  // the process seen last, dead or alive
  Fd process_;
  std::unique_ptr<Readable> end_;
  Instant died_{}, died_before_{};
  bool told_lost_ = false;
};

}  // namespace libra::sidecar
