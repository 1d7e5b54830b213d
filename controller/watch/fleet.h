#pragma once

#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "controller/watch/liveness.h"
#include "lib/heartbeat/pulse.h"

namespace libra::watch {

// All devices of one watcher, and whether the watcher itself is fit to judge: one that
// ran late takes back what it missed meanwhile, and while no device at all is heard, it
// is the watcher's own network that is gone; what was missed then counts for nothing. One thread at a time.
class Fleet {
 public:
  // What the fleet needs done. Must not call back into the fleet.
  class Orders {
   public:
    virtual ~Orders() = default;
    virtual void probe(const std::string& device) = 0;
    virtual void ask(const std::string& device) = 0;  // its proxy; the answer comes to proxySaid()
    virtual void lost(const std::string& device, Evidence evidence, Instant last_heard) = 0;
    virtual void returned(const std::string& device) = 0;
  };

  Fleet(const Clock& clock, const Timing& timing, Orders& orders) : clock_(clock), timing_(timing), orders_(orders) {}

  void expect(const std::string& device);  // unless it is known
  void forget(const std::string& device);  // not while it is connected: its pulse goes with it
  heartbeat::Pulse& connected(const std::string& device);
  void closed(const std::string& device);
  void proxyLost(const std::string& device);
  void proxySaid(const std::string& device, heartbeat::ProxyState state);

  // Does what is due and says when it wants to be called again.
  Instant turn();

  bool hears(const std::string& device) const;  // its beats come, and this watcher is fit to say so
  bool isBlind() const { return blind_; }       // no device is heard: no silence is a verdict
  int lateTurns() const { return late_turns_; }
  std::set<std::string> devices() const;

 private:
  struct Device final : heartbeat::Pulse {
    Device(Fleet& its, std::string called)
        : fleet(its), liveness(its.timing_, its.clock_.monotonic()), name(std::move(called)) {}
    void felt(const heartbeat::Beat&) override { fleet.heard(*this); }

    Fleet& fleet;
    Liveness liveness;
    Instant queued = Instant::max();
    const std::string name;
  };
  Device& at(const std::string& name);
  void heard(Device& device);
  void follow(Device& device, Liveness::Act act);
  void queue(Device& device);
  void forgiveLateness(Instant now);
  void forgive(Instant until);
  void look(Instant now);

  const Clock& clock_;
  const Timing& timing_;
  Orders& orders_;
  std::unordered_map<std::string, std::unique_ptr<Device>> devices_;
  std::set<std::pair<Instant, Device*>> due_;
  Instant last_heard_{};             // of any
  Instant wanted_ = Instant::max();  // when turn() asked to be called
  bool blind_ = false;
  int late_turns_ = 0;
};

}  // namespace libra::watch
