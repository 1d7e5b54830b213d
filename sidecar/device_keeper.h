#pragma once

#include <deque>
#include <functional>
#include <future>
#include <set>
#include <utility>
#include <vector>

#include "lib/base/clock.h"
#include "lib/protocol/device_report.h"
#include "sidecar/driver.h"
#include "sidecar/node_history.h"
#include "sidecar/own_checks.h"
#include "sidecar/state_file.h"
#include "sidecar/usage/usage_ledger.h"
#include "sidecar/vip/vip_holder.h"

namespace libra::sidecar {

// Keeps one device as it is wanted: the state on disk, the proxy, the VIPs. The order is
// design.md section 6: VIPs nobody wants are dropped, the proxy is made so, and VIPs come
// last, when the state is on disk (which is written meanwhile) and there is something to
// answer on them.
// One thread at a time.
class DeviceKeeper {
 public:
  DeviceKeeper(Driver& driver, VipHolder& vips, StateFile file, UsageLedger& usage, checks::NodeChecks& checks,
               const Clock& clock)
      : driver_(driver),
        vips_(vips),
        file_(std::move(file)),
        usage_(usage),
        clock_(clock),
        history_(clock),
        checks_(driver, checks) {}

  Status load();  // what the last life of the sidecar left

  const protocol::DeviceState& wanted() const { return stored_.state; }
  bool deleted() const { return stored_.deleted; }
  std::uint64_t appliedGeneration() const { return applied_generation_; }  // 0 until the proxy was read back

  // Applied::generation is higher than the wanted one when the proxy runs a newer state.
  Result<Applied> apply(protocol::DeviceState wanted);
  Status clear();  // carries nothing any more
  // Another device holds the VIP with this epoch: it is given up unless ours is higher.
  Status yield(const NetAddress& address, std::uint64_t epoch);
  // What was wanted in an earlier life is not taken up before this: it may be another's by now.
  void trustVips() { vips_trusted_ = true; }
  // Without a controller to ask: those that no neighbour has are ours. False: not all of them,
  // or nobody could be asked. May take half a second.
  bool trustUndefended();
  void proxyRestarted() { repair_due_ = true; }
  Result<Applied> repair();  // the wanted state again; changes nothing where it holds

  // About once a second: repairs what a restarted proxy or a failure left behind, each
  // 30 s in any case; looks at the nodes; samples usage each 5 s. True when it repaired, with success or not.
  bool upkeep();

  // How each node is now, and how it came to be so.
  Result<std::map<std::string, protocol::NodeStatus>> nodeStatus();

  // Of the last minutes, what upkeep() found not to be as wanted. The oldest first.
  std::vector<protocol::DeviceEvent> events() const;

  bool coldStartDue() const { return cold_start_due_; }
  Result<ColdStart> coldStart();  // none is due then, until coldStartFailed()
  void coldStartFailed() { cold_start_due_ = true; }

 private:
  Applied newerRuns(Applied applied);
  Status remember(protocol::DeviceState wanted, bool deleted);
  void save();
  Status saved();
  Status dropSurplus();
  Status holdWanted();
  bool mayHold(const NetAddress& vip, const std::set<NetAddress>& present) const;
  Status sampleUsage();
  void sampleBeforeTheEnd();
  void watchProxy();
  void watchNodes(Result<std::map<std::string, NodeCheck>> health);
  void tell(const Applied& repaired);

  Driver& driver_;
  VipHolder& vips_;
  StateFile file_;
  UsageLedger& usage_;
  const Clock& clock_;
  NodeHistory history_;
  OwnChecks checks_;
  Stored stored_;
  std::future<Status> saving_;
  bool saved_ = true;
  std::uint64_t applied_generation_ = 0;
  bool repair_due_ = false;
  bool cold_start_due_ = false;
  bool vips_trusted_ = false;        // a controller, or nobody, objects to those that are wanted
  std::set<NetAddress> undefended_;  // before that: those that no neighbour had when it was asked
  Instant next_repair_{}, next_sample_{};
  std::deque<protocol::DeviceEvent> events_;
};

}  // namespace libra::sidecar
