#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "controller/service/healer.h"
#include "controller/watch/fleet.h"
#include "lib/base/locked.h"
#include "lib/heartbeat/receiver.h"

namespace libra::watch {

// Listens to all devices on a loop and thread of its own, and tells the healer of those
// that are dead and of VIPs held by the wrong one. Public members may be called from any
// thread. The healer's questions to the store go through `run`.
class Watch : Fleet::Orders {
 public:
  struct Options {
    heartbeat::Endpoint listen;
    Timing timing;
    std::uint16_t management_port = 9080;  // of the proxies' monitor-uri listeners
  };

  static Result<std::unique_ptr<Watch>> open(const Options& options, const Clock& clock,
                                             std::shared_ptr<tls::ReloadingContext> context);
  ~Watch() override;

  void start(service::Healer& healer, service::DeviceSync::Run run);  // both outlive it
  void follow(const std::vector<service::Healer::Watched>& devices);  // these and no others; about once a second
  bool isLost(const std::string& device) const;
  bool hears(const std::string& device);  // not on the watch's own thread, for which it waits
  int port() const { return port_; }

  struct State {
    heartbeat::Receiver::Counts beats;
    std::size_t connected = 0;
    bool blind = false;
    int late_turns = 0;
  };
  State state() const;

 private:
  // What a device says it holds, while the healer looks whose it is.
  struct Holding {
    std::vector<heartbeat::HeldVip> vips;
    bool asked = false, again = false;
    bool unknown = false;  // the store did not say; asked again with the next list of devices
  };

  Watch(const Options& options, const Clock& clock) : options_(options), clock_(clock) {}
  Status listen(std::shared_ptr<tls::ReloadingContext> context);
  void probe(const std::string& device) override;
  void ask(const std::string& device) override;
  void lookUp(const std::string& device);
  void lost(const std::string& device, Evidence evidence, Instant last_heard) override;
  void returned(const std::string& device) override;
  void checkHolding(const std::string& device);
  void checkUnknown();
  void checked(const std::string& device, const Result<std::vector<service::Healer::Claim>>& strangers);
  void turn();
  void publish();

  const Options options_;
  const Clock& clock_;
  service::Healer* healer_ = nullptr;
  service::DeviceSync::Run run_;
  int port_ = 0;

  EventLoop loop_;
  Fleet fleet_{clock_, options_.timing, *this};
  std::unique_ptr<heartbeat::Receiver> receiver_;
  std::map<std::string, NetAddress> addresses_;
  std::map<std::string, std::unique_ptr<heartbeat::Question>> questions_;
  std::map<std::string, Holding> holdings_;
  std::set<std::string> looking_up_;
  Timer turn_{loop_, [this] { turn(); }};
  Timer publish_{loop_, [this] { publish(); }};
  mutable Locked<std::set<std::string>> lost_;
  mutable Locked<State> state_;
  std::thread thread_;
};

}  // namespace libra::watch
