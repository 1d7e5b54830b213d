#pragma once

#include <compare>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "lib/base/clock.h"
#include "lib/event/timer.h"
#include "sidecar/checks/probe.h"
#include "sidecar/checks/verdict.h"

namespace libra::sidecar::checks {

struct PeerKey {
  std::string balancer, node;
  auto operator<=>(const PeerKey&) const = default;
};

struct Peer {
  Target target;
  std::shared_ptr<const Monitor> monitor;
  bool up = true;  // what it counts as until checks say otherwise
};

using StartProbe = std::function<std::unique_ptr<Probe>(const Peer&, Probe::Done)>;

struct PeerVerdict {
  bool up = true;
  std::string reason;  // of the last check; "" before the first
  Time checked{};      // when it ended
};

// Checks many nodes from one loop: each as its monitor says, the first within `delay` at
// a random moment, so that they do not come all at once. Loop thread only.
class Prober {
 public:
  // Each may call watch(), none may destroy the prober.
  struct Hooks {
    std::function<void(const PeerKey&, const PeerVerdict&)> changed;
    StartProbe start;  // tests put their own here
  };

  Prober(EventLoop& loop, const Clock& clock, Hooks hooks, unsigned seed = std::random_device{}());

  // These from now on and no others. A peer that stays, on the same target, keeps its verdict;
  // one whose monitor stays too keeps its rhythm.
  void watch(const std::map<PeerKey, Peer>& peers);

  std::map<PeerKey, PeerVerdict> verdicts() const;
  void runDue();  // what the timer calls; returns at once

 private:
  struct Watched {
    Peer peer;
    Verdict verdict;
    Time checked{};
    Instant due{};
    std::unique_ptr<Probe> probe;  // while a check runs, it is not in the queue
  };

  void schedule(const PeerKey& key, Watched& watched, Instant due);
  void unschedule(const PeerKey& key, const Watched& watched) { queue_.erase({watched.due, key}); }
  void check(const PeerKey& key, Watched& watched);
  void found(const PeerKey& key, const Finding& finding);
  void armTimer();

  const Clock& clock_;
  const Hooks hooks_;
  std::mt19937 random_;
  std::map<PeerKey, Watched> watched_;
  std::set<std::pair<Instant, PeerKey>> queue_;
  Timer timer_;
};

// The checks themselves, over the network.
Result<StartProbe> networkProbes(EventLoop& loop);

}  // namespace libra::sidecar::checks
