#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "lib/event/timer.h"
#include "lib/gear/upstream.h"

namespace libra::gear {

// Carries one connection of libgearman to a job server, with bounded buffers both ways:
// who reads slowly slows down who writes. Waits unread until connect() is called.
// Loop thread only.
class Relay {
 public:
  struct Limits {
    std::chrono::milliseconds connect;  // to wait for a server, and then for its handshake
    std::chrono::milliseconds idle;     // without a byte either way; 0: none
  };
  // Called once, as the relay's last act: the callee may destroy it.
  using Ended = std::function<void(Relay& relay, const std::string& why)>;

  Relay(EventLoop& loop, Fd local, Limits limits, Ended ended);

  void connect(Upstream& server);  // may end it at once
  void end(const std::string& why);

  const Upstream* server() const { return server_; }  // null while it waits for one
  bool connected() const { return connected_; }

 private:
  static void onRead(bufferevent* from, void* self) noexcept { static_cast<Relay*>(self)->carry(from); }
  static void onDrained(bufferevent* into, void* self) noexcept { static_cast<Relay*>(self)->drained(into); }
  static void onEvent(bufferevent* on, short what, void* self) noexcept { static_cast<Relay*>(self)->event(on, what); }
  void open();
  void carry(bufferevent* from);
  void drained(bufferevent* into);
  void event(bufferevent* on, short what);
  void sayGoodbye(bufferevent* into);
  void due();
  bufferevent* other(const bufferevent* side) const { return side == local_.get() ? remote_.get() : local_.get(); }

  const Limits limits_;
  const Ended ended_;
  Timer timer_;
  Bufferevent local_;
  Bufferevent remote_;
  const Upstream* server_ = nullptr;
  bool connected_ = false;
  bool leaving_ = false;  // one side is gone, the other still gets what it had said
};

}  // namespace libra::gear
