#include "lib/daemon/signals.h"

#include <csignal>
#include <cstdlib>
#include <utility>

namespace libra::daemon {

Signals::Signals(EventLoop& loop, std::function<void()> stop, std::function<void()> reload)
    : stop_(std::move(stop)), reload_(std::move(reload)) {
  const auto watch = [&](int number) {
    Event event(event_new(loop.base(), number, EV_SIGNAL | EV_PERSIST, onSignal, this));
    if (!event || event_add(event.get(), nullptr) != 0) std::abort();
    events_.push_back(std::move(event));
  };
  watch(SIGTERM);
  watch(SIGINT);
  if (reload_) watch(SIGHUP);
}

void Signals::onSignal(evutil_socket_t number, short, void* self) noexcept {
  auto* signals = static_cast<Signals*>(self);
  number == SIGHUP ? signals->reload_() : signals->stop_();
}

}  // namespace libra::daemon
