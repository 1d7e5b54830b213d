#include "lib/event/loop.h"

#include <event2/thread.h>

#include <cstdio>
#include <cstdlib>

namespace libra {

namespace {

using Config = std::unique_ptr<event_config, FreeWith<event_config_free>>;

// By the kernel's cheaper, coarse clock a loop mostly wakes too early, and then once more.
event_base* makeBase() {
  static const int kThreads = evthread_use_pthreads();  // before the first base, once
  const Config config(kThreads == 0 ? event_config_new() : nullptr);
  const bool precise = config && event_config_set_flag(config.get(), EVENT_BASE_FLAG_PRECISE_TIMER) == 0;
  event_base* base = precise ? event_base_new_with_config(config.get()) : nullptr;
  if (base == nullptr) {
    std::fputs("event: no event base (out of descriptors or memory)\n", stderr);
    std::abort();
  }
  return base;
}

}  // namespace

EventLoop::EventLoop() : base_(makeBase()), wake_(event_new(base_.get(), -1, 0, onWake, this)) {
  if (!wake_) std::abort();
}

EventLoop::~EventLoop() = default;

void EventLoop::run() {
  owner_ = std::this_thread::get_id();
  event_base_loop(base_.get(), EVLOOP_NO_EXIT_ON_EMPTY);
  drain();  // what was posted in the very last turn
  owner_ = std::thread::id{};
}

// A task like any other, so that stop() before run() is not forgotten and all that
// was posted earlier still happens.
void EventLoop::stop() {
  post([this] { event_base_loopbreak(base_.get()); });
}

void EventLoop::post(std::function<void()> task) {
  bool first = false;
  {
    std::lock_guard lock(mutex_);
    first = tasks_.empty();
    tasks_.push_back(std::move(task));
  }
  if (first) event_active(wake_.get(), EV_READ, 0);
}

bool EventLoop::isLoopThread() const { return owner_.load() == std::this_thread::get_id(); }

void EventLoop::onWake(evutil_socket_t, short, void* self) noexcept { static_cast<EventLoop*>(self)->drain(); }

void EventLoop::drain() {
  std::vector<std::function<void()>> due;
  {
    std::lock_guard lock(mutex_);
    due.swap(tasks_);
  }
  for (auto& task : due) {
    task();
    task = nullptr;  // what it holds dies here, in order
  }
}

}  // namespace libra
