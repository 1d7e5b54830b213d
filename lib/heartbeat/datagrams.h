#pragma once

#include <functional>
#include <span>

#include "lib/event/timer.h"
#include "lib/heartbeat/beat.h"
#include "lib/heartbeat/endpoint.h"

namespace libra::heartbeat {

struct Datagram {
  Bytes bytes;
  SocketAddress from;
};

// A UDP socket on a loop. What does not fit into the kernel's buffers is lost, as on the
// way. Loop thread only. Whoever comes within a millisecond of another one waits for its end,
// so that ten thousand senders do not wake the loop once each: up to half of what a datagram costs.
class Datagrams {
 public:
  using Arrived = std::function<void(std::span<const Datagram>)>;  // all that lay there; must not destroy it

  static Result<std::unique_ptr<Datagrams>> bind(EventLoop& loop, const Endpoint& at, Arrived arrived);
  static Result<std::unique_ptr<Datagrams>> connect(EventLoop& loop, const Endpoint& to, Arrived arrived);

  bool send(Bytes datagram);                           // of a connected one; false: the kernel did not take it
  bool send(Bytes datagram, const SocketAddress& to);  // of a bound one
  int fd() const { return socket_.get(); }

 private:
  Datagrams(EventLoop& loop, Fd socket, Arrived arrived);
  static void onReadable(evutil_socket_t, short, void* self) noexcept { static_cast<Datagrams*>(self)->receive(); }
  void receive();
  bool drain();  // false: nothing lay there

  Fd socket_;
  Arrived arrived_;
  Event readable_;
  Timer pause_;
};

}  // namespace libra::heartbeat
