#pragma once

#include <event2/bufferevent.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/event/timer.h"
#include "lib/heartbeat/endpoint.h"
#include "lib/heartbeat/key.h"
#include "lib/heartbeat/notice.h"
#include "lib/tls/context.h"

namespace libra::heartbeat {

// The kept TLS connection between a device and a controller: notices both ways, and the
// secret of its heartbeats. A peer that vanishes without a word is noticed within about
// fifteen seconds; who needs it sooner counts heartbeats. Loop thread only.
class Channel {
 public:
  struct Events {
    std::function<void()> opened;  // the handshake is done and the peer's certificate verified
    std::function<void(const Notice&)> notice;
    std::function<void(const std::string& why)> closed;  // the last call: it may destroy the channel
  };

  static Result<std::unique_ptr<Channel>> connect(EventLoop& loop, const Endpoint& to, const tls::Context& context,
                                                  Events events);
  static Result<std::unique_ptr<Channel>> accept(EventLoop& loop, Fd socket, const tls::Context& context,
                                                 Events events);

  void send(const Notice& notice);

  // Of an opened one.
  Result<Secret> secret() const;
  std::vector<std::string> peerUris() const;
  std::optional<Endpoint> peer() const;

 private:
  using Bufferevent = std::unique_ptr<bufferevent, FreeWith<bufferevent_free>>;

  Channel(EventLoop& loop, Bufferevent socket, Events events);
  static void onRead(bufferevent*, void* self) noexcept { static_cast<Channel*>(self)->read(); }
  static void onEvent(bufferevent*, short what, void* self) noexcept { static_cast<Channel*>(self)->event(what); }
  void read();
  void event(short what);
  void close(const std::string& why);
  std::string failureText(short what) const;

  Bufferevent socket_;
  Events events_;
  Timer handshake_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // false: destroyed by a callback
};

}  // namespace libra::heartbeat
