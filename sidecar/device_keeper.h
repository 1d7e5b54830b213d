#pragma once

#include <functional>
#include <utility>

#include "lib/base/clock.h"
#include "sidecar/driver.h"
#include "sidecar/state_file.h"
#include "sidecar/usage/usage_ledger.h"
#include "sidecar/vip/vip_holder.h"

namespace libra::sidecar {

// Keeps one device as it is wanted: the state on disk, the proxy, the VIPs. The order is
// design.md section 6: on disk first, then VIPs nobody wants are dropped, the proxy is
// made so, and VIPs come last, when there is something to answer on them.
// One thread at a time.
class DeviceKeeper {
 public:
  DeviceKeeper(Driver& driver, VipHolder& vips, StateFile file, UsageLedger& usage, const Clock& clock)
      : driver_(driver), vips_(vips), file_(std::move(file)), usage_(usage), clock_(clock) {}

  Status load();  // what the last life of the sidecar left

  const protocol::DeviceState& wanted() const { return stored_.state; }
  bool deleted() const { return stored_.deleted; }
  std::uint64_t appliedGeneration() const { return applied_generation_; }  // 0 until the proxy was read back

  // Applied::generation is higher than the wanted one when the proxy runs a newer state.
  Result<Applied> apply(protocol::DeviceState wanted);
  Status clear();            // carries nothing any more
  Result<Applied> repair();  // the wanted state again; changes nothing where it holds

  // About once a second: repairs what a restarted proxy or a failure left behind, each
  // 30 s in any case; samples usage each 5 s. True when it repaired, with success or not.
  bool upkeep();

  bool coldStartDue() const { return cold_start_due_; }
  Status writeColdStart();  // tens of ms

 private:
  Applied newerRuns(Applied applied);
  Status remember(protocol::DeviceState wanted, bool deleted);
  Status dropSurplus();
  Status holdWanted();
  Status sampleUsage();
  void sampleBeforeTheEnd();
  void watchProxy();

  Driver& driver_;
  VipHolder& vips_;
  StateFile file_;
  UsageLedger& usage_;
  const Clock& clock_;
  Stored stored_;
  std::uint64_t applied_generation_ = 0;
  bool repair_due_ = false;
  bool cold_start_due_ = false;
  Instant next_repair_{}, next_sample_{};
};

}  // namespace libra::sidecar
