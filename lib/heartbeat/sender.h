#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/backoff.h"
#include "lib/heartbeat/channel.h"
#include "lib/heartbeat/datagrams.h"

namespace libra::heartbeat {

// What a device tells of itself.
struct Report {
  std::uint64_t generation = 0;
  bool proxy_alive = false;
  bool serving = false;
  std::vector<HeldVip> vips;
  bool operator==(const Report&) const = default;
};

// The device's end towards one controller: keeps the connection, tells what it holds
// whenever that changes, and beats as it is told, also in answer to each probe. Connects
// anew by itself. Loop thread only, from making to destruction.
class Sender {
 public:
  struct Events {
    std::function<void(const HeldVip&)> drop;  // somebody holds it with this epoch
    std::function<void()> checked;             // of what was told, all else is rightly ours
  };

  Sender(EventLoop& loop, const Clock& clock, const Endpoint& controller,
         std::shared_ptr<tls::ReloadingContext> context, std::uint64_t boot, Events events);

  void tell(const Report& report);
  void tellProxyLost();  // told again to a controller that comes later, until tell() says that it is alive
  bool connected() const { return watched_; }

 private:
  void connect();
  void opened();
  void heard(const Notice& notice);
  void ended(const std::string& why);
  void watched(const Watching& watching);
  void arrived(Bytes datagram);
  void beat();

  EventLoop& loop_;
  const Clock& clock_;
  const Endpoint controller_;
  const std::shared_ptr<tls::ReloadingContext> context_;
  const std::uint64_t boot_;
  const Events events_;
  const Backoff backoff_{Millis(20), Millis(1000)};

  Report report_;
  bool proxy_lost_ = false, watched_ = false;
  int failures_ = 0;
  std::uint64_t session_ = 0, sequence_ = 0;
  std::string last_why_;
  std::unique_ptr<Channel> channel_;
  std::optional<Key> key_;
  std::unique_ptr<Datagrams> datagrams_;
  Timer beating_, again_;
};

}  // namespace libra::heartbeat
