#pragma once

// Which device may carry a load balancer: what it asks of one (lib/protocol/needs) against
// what the device can.

#include <set>
#include <string>
#include <vector>

#include "controller/service/store.h"
#include "lib/base/clock.h"
#include "lib/base/locked.h"

namespace libra::service {

// What a device must be capable of to carry them all, each word once; what is being deleted
// asks nothing.
std::vector<std::string> needsOf(const std::vector<model::LoadBalancer>& load_balancers);

// Where what `from` carries should go, the best first: into its zone, but not into its host group.
std::vector<SparePlace> placesBeside(const model::Device& from);

// A failed device whose load balancers wait for a spare, and a spare that can carry them; no spare
// for two, and the first of them only. A spare is theirs before a new load balancer may have it.
struct Match {
  std::int64_t waiting = 0, spare = 0;
};
std::vector<Match> matchWaiting(Txn& txn);

// The spares that are so awaited, for creations: looked for at most each 100 ms, so that it is
// not a statement of each. Thread-safe.
class AwaitedSpares {
 public:
  explicit AwaitedSpares(const Clock& clock) : clock_(clock) {}
  std::set<std::int64_t> in(Txn& txn);

 private:
  struct Seen {
    Instant until{};
    std::set<std::int64_t> spares;
  };

  const Clock& clock_;
  Locked<Seen> seen_;
};

// Invalid, with the reason, if the device it is on cannot carry the load balancer as it is
// given here, which may be a change not stored yet. One without a device asks nothing.
Status checkCarried(Txn& txn, const model::LoadBalancer& lb);

}  // namespace libra::service
