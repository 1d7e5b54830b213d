#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "controller/service/breaker.h"
#include "controller/service/device_sync.h"
#include "controller/service/failover.h"
#include "controller/service/provider.h"
#include "lib/metrics/histogram.h"

namespace libra::service {

// What a watcher, or a person, tells the healer of.
enum class LossReason { Refused, ProxyLost, Silence, NoSidecar, Operator };
std::string_view name(LossReason reason);

// Does what follows from a verdict: has the other controllers agree to a silence, moves what the device carried to a
// spare, then cuts the dead one off. All that must survive this process is in the rows: a verdict not yet acted upon is
// found again by whoever watches next, a device moved but not fenced is ERROR and destroyed by the pool, one without a
// spare waits in its rows. Thread-safe; what blocks goes through `run`.
class Healer {
 public:
  // What this controller's own watcher knows, asked on the threads of `run`.
  struct Watcher {
    std::function<bool(const std::string& device)> lost;   // still; asked before each move
    std::function<bool(const std::string& device)> hears;  // now, so that it objects when another controller does not
  };

  Healer(Context context, Provider& provider, DeviceSync::Run run, Watcher watcher,
         const Breaker::Options& breaker = {});
  ~Healer();

  void lost(const std::string& device, LossReason reason, Instant last_heard);
  // About a hundred times a second: those that others have to agree on or the breaker held back,
  // those without a spare; the questions of other controllers.
  void tick();

  // By hand, whatever the device looks like: what it carries moves to a spare now, and it is
  // cut off. The spare; errors as of Failover::rebuild(), Invalid when it carries nothing.
  Result<model::Device> failOver(std::int64_t device);

  // A VIP the device says it holds, and whose it is by the rows. For each that is
  // another's, the epoch of its holder: the device is to give it up.
  struct Claim {
    NetAddress address;
    std::uint64_t epoch = 0;
  };
  Result<std::vector<Claim>> strangersVips(const std::string& device, const std::vector<Claim>& held);
  void gaveUp(const std::string& device);  // it is known to hold none of them any more

  struct Watched {
    std::string name, address;
  };
  Result<std::vector<Watched>> toWatch();  // devices that should be heard

  Breaker& breaker();

  struct Sums {
    std::map<std::pair<LossReason, std::string>, int> failovers;  // by reason and result
    int two_holders = 0;                                          // VIPs that a device we could not fence may hold too
  };
  Sums sums() const;
  const metrics::Histogram& detection() const;  // last sign of life to verdict
  const metrics::Histogram& decision() const;   // verdict to commit
  const metrics::Histogram& fencing() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace libra::service
