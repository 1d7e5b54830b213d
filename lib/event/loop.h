#pragma once

#include <event2/event.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/handles.h"

namespace libra {

using EventBase = std::unique_ptr<event_base, FreeWith<event_base_free>>;
using Event = std::unique_ptr<event, FreeWith<event_free>>;

// One libevent loop, owned by the thread that calls run(). post() and stop() are
// the only members other threads may call; what a loop owns dies on its thread.
class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;

  void run();                             // until stop(); drains posted tasks first
  void stop();                            // any thread
  void post(std::function<void()> task);  // any thread; runs on the loop, in order
  bool isLoopThread() const;
  event_base* base() { return base_.get(); }

 private:
  static void onWake(evutil_socket_t, short, void* self) noexcept;
  void drain();

  EventBase base_;
  Event wake_;
  std::mutex mutex_;
  std::vector<std::function<void()>> tasks_;
  std::atomic<std::thread::id> owner_{};
};

}  // namespace libra
