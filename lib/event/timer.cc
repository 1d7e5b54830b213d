#include "lib/event/timer.h"

#include <cstdlib>
#include <utility>

namespace libra {

namespace {

timeval toTimeval(Millis delay) {
  const auto count = delay.count() < 0 ? 0 : delay.count();
  return {static_cast<time_t>(count / 1000), static_cast<suseconds_t>(count % 1000 * 1000)};
}

}  // namespace

Timer::Timer(EventLoop& loop, std::function<void()> task)
    : task_(std::move(task)),
      event_(event_new(loop.base(), -1, 0, onFire, this)),
      periodic_(event_new(loop.base(), -1, EV_PERSIST, onFire, this)) {
  if (!event_ || !periodic_) std::abort();
}

void Timer::once(Millis delay) {
  cancel();
  const timeval after = toTimeval(delay);
  event_add(event_.get(), &after);
}

void Timer::every(Millis period) {
  cancel();
  const timeval after = toTimeval(period);
  event_add(periodic_.get(), &after);
}

void Timer::cancel() {
  event_del(event_.get());
  event_del(periodic_.get());
}

void Timer::onFire(evutil_socket_t, short, void* self) noexcept {
  const auto task = static_cast<Timer*>(self)->task_;  // a copy: the task may destroy its timer
  task();
}

}  // namespace libra
