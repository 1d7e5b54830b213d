#pragma once

#include <event2/bufferevent.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/net_address.h"
#include "lib/event/loop.h"
#include "lib/tls/context.h"

namespace libra::net {

// Why a stream ended.
enum class End {
  Closed,  // by the peer, in order
  Failed,  // by the peer or the way to it
  Local,   // for want of descriptors, memory or ports of ours: says nothing of the peer
};

// A connection we open, plain or in TLS. Loop thread only. It reads no faster than it is
// listened to; how much it hears in all is the listener's to bound.
class Stream {
 public:
  // Called from the loop, never from within a member of the stream; each may destroy it.
  struct Events {
    std::function<void()> connected;  // with TLS: the handshake is done
    std::function<void(std::string_view bytes)> received;
    std::function<void(End end, const std::string& why)> ended;  // once, and nothing after it
  };

  Stream(EventLoop& loop, Events events, tls::Session session = nullptr);

  void connect(const NetAddress& address, std::uint16_t port);
  void send(std::string_view bytes);  // once connected

 private:
  using Socket = std::unique_ptr<bufferevent, FreeWith<bufferevent_free>>;

  static void onReadable(bufferevent*, void* self) noexcept { static_cast<Stream*>(self)->read(); }
  static void onEvent(bufferevent*, short what, void* self) noexcept { static_cast<Stream*>(self)->event(what); }
  bool read();  // false: the listener ended the stream
  void event(short what);

  const std::shared_ptr<const Events> events_;  // shared with the call that runs
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  Socket socket_;
};

}  // namespace libra::net
