#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "lib/heartbeat/sender.h"
#include "sidecar/heartbeat/proxy_watch.h"

namespace libra::sidecar {

// The device's sign of life to all controllers, on a loop and thread of its own that
// nothing else may hold up. tell() may be called from any thread; the events come on the
// heart's thread and must return at once.
class Heart {
 public:
  struct Options {
    std::vector<heartbeat::Endpoint> controllers;
    tls::Files tls;
    std::string runtime_socket;  // of the proxy; "": it has none, and counts as alive
  };
  struct Events {
    std::function<void(const heartbeat::HeldVip&)> drop;  // another device holds it with this epoch
    std::function<void()> checked;                        // a controller knows what we hold and objects to nothing else
    std::function<void()> proxy_restarted;
  };

  // `first` is told to the first controller that listens.
  static Result<std::unique_ptr<Heart>> start(const Options& options, const Clock& clock,
                                              const heartbeat::Report& first, Events events);
  ~Heart();

  void stop();  // no event comes after it; tell() may be called still

  void tell(const heartbeat::Report& report);  // proxy_alive is the heart's own to know

 private:
  Heart(Options options, const Clock& clock, Events events);
  void run();
  void begin();
  void proxyIs(bool alive);
  void pass();

  const Options options_;
  const Clock& clock_;
  const Events events_;
  std::shared_ptr<tls::ReloadingContext> context_;
  EventLoop loop_;
  heartbeat::Report report_;
  bool proxy_died_ = false;
  std::list<heartbeat::Sender> senders_;
  std::optional<ProxyWatch> proxy_;
  std::thread thread_;
};

}  // namespace libra::sidecar
