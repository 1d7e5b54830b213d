#pragma once

#include <functional>

#include "lib/event/loop.h"

namespace libra {

// Calls `task` on the loop, once after `delay` or again each `period`. Create,
// use and destroy on the loop's thread (or before it runs / after it ended).
class Timer {
 public:
  Timer(EventLoop& loop, std::function<void()> task);
  void once(Millis delay);
  void every(Millis period);
  void cancel();

 private:
  static void onFire(evutil_socket_t, short, void* self) noexcept;
  std::function<void()> task_;
  Event event_;
  Event periodic_;
};

}  // namespace libra
