#include "lib/event/readable.h"

#include <cstdlib>
#include <utility>

namespace libra {

Readable::Readable(EventLoop& loop, int fd, std::function<void()> task)
    : task_(std::move(task)), event_(event_new(loop.base(), fd, EV_READ | EV_PERSIST, onReadable, this)) {
  if (!event_ || event_add(event_.get(), nullptr) != 0) std::abort();
}

void Readable::onReadable(evutil_socket_t, short, void* self) noexcept {
  const auto task = static_cast<Readable*>(self)->task_;  // a copy: the task may destroy this
  task();
}

}  // namespace libra
