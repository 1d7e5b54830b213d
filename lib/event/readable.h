#pragma once

#include <functional>

#include "lib/event/loop.h"

namespace libra {

// Calls `task` on the loop while a descriptor is readable, again and again until it is
// destroyed. Of the loop's thread. The descriptor must stay open for longer.
class Readable {
 public:
  Readable(EventLoop& loop, int fd, std::function<void()> task);

 private:
  static void onReadable(evutil_socket_t, short, void* self) noexcept;
  std::function<void()> task_;
  Event event_;
};

}  // namespace libra
