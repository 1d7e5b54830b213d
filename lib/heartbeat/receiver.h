#pragma once

#include <event2/listener.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/heartbeat/channel.h"
#include "lib/heartbeat/datagrams.h"
#include "lib/heartbeat/freshness.h"
#include "lib/heartbeat/pulse.h"
#include "lib/heartbeat/slot_map.h"

namespace libra::heartbeat {

// The controllers' end: takes the connections of all devices (by the name in their
// certificates, the newest connection of a name counts) and their beats, TCP and UDP on
// one port. Loop thread only, from open() to destruction.
class Receiver {
 public:
  struct Options {
    Endpoint listen;
    Millis interval{50};  // between two beats
    std::size_t most_devices = 20'000;
  };
  struct Events {
    std::function<Pulse&(const std::string& device)> connected;  // what it gives outlives the connection
    std::function<void(const std::string& device, const std::vector<HeldVip>&)> holds;
    std::function<void(const std::string& device)> proxy_lost;
    std::function<void(const std::string& device)> closed;  // its sidecar is gone, or the way to it
  };
  struct Counts {
    std::uint64_t beats = 0, replayed = 0, late = 0, refused = 0;  // refused: not authentic
    std::chrono::microseconds worst_delay{0};                      // of a beat, since the last counts()
  };

  static Result<std::unique_ptr<Receiver>> open(EventLoop& loop, const Clock& clock, const Options& options,
                                                std::shared_ptr<tls::ReloadingContext> context, Events events);

  ~Receiver();

  void send(const std::string& device, const Notice& notice);  // to one that is connected
  void probe(const std::string& device);
  bool isConnected(const std::string& device) const { return names_.contains(device); }
  std::size_t connections() const { return names_.size(); }
  int port() const;  // where it listens
  Counts counts();

 private:
  struct Session;
  using Listener = std::unique_ptr<evconnlistener, FreeWith<evconnlistener_free>>;

  Receiver(EventLoop& loop, const Clock& clock, Options options, std::shared_ptr<tls::ReloadingContext> context,
           Events events);
  static void onAccept(evconnlistener*, evutil_socket_t fd, sockaddr*, int, void* self) noexcept {
    static_cast<Receiver*>(self)->accepted(Fd(fd));
  }
  Status listen();
  void accepted(Fd socket);
  void opened(Session& session);
  void heard(Session& session, const Notice& notice);
  void ended(Session& session, const std::string& why);
  void greet(Session& session, const Hello& hello);
  void arrived(std::span<const Datagram> datagrams);
  void take(const Datagram& datagram);
  Session* claimedBy(const Datagram& datagram) const;
  Session* find(const std::string& device);

  EventLoop& loop_;
  const Clock& clock_;
  const Options options_;
  const std::shared_ptr<tls::ReloadingContext> context_;
  const Events events_;
  Counts counts_;
  SlotMap<Session> sessions_;
  std::map<std::string, std::uint64_t> names_;  // device → the session that counts
  Listener listener_;
  std::unique_ptr<Datagrams> datagrams_;
};

}  // namespace libra::heartbeat
