#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "lib/base/clock.h"
#include "lib/protocol/device_report.h"
#include "sidecar/driver.h"

namespace libra::sidecar {

using UsageKey = std::pair<std::string, Protocol>;  // the id alone does not name an ancestor's load balancer

using protocol::UsageCounters;

// Of one load balancer, itself and by node or by the proxy's name for one.
struct UsageEntry {
  UsageCounters used;
  std::map<std::string, UsageCounters> parts;
  bool operator==(const UsageEntry&) const = default;
};
using UsageEntries = std::map<UsageKey, UsageEntry>;

// What the ledger keeps on disk; a plain value.
struct UsageRecord {
  std::uint64_t proxy_start = 0;  // of the proxy `last` was read from
  UsageEntries last;              // that proxy's counters at the last sample; parts are its servers
  UsageEntries unreported;        // used since the last period ended; parts are nodes
  Time period_start{};
  std::uint64_t sequence = 0;                        // of the last period given out
  std::optional<protocol::UsagePeriod> outstanding;  // given out, not acknowledged
};

// Adds up what load balancers used, over restarts of the proxy and of the sidecar, and over
// processes of the proxy that take over from each other: a counter that began again at 0 adds, it never subtracts.
// Given out in periods, each at least once: on disk before it is told, and told again until acknowledged. One thread at
// a time.
class UsageLedger {
 public:
  UsageLedger(std::string path, const Clock& clock) : path_(std::move(path)), clock_(clock) {}

  Status load();  // a missing file begins now
  void sample(const Usage& now);

  // The period that ends now, or the last one again while it is not acknowledged.
  Result<protocol::UsagePeriod> report(std::optional<std::uint64_t> acknowledged);

  // Needed before the proxy's own counters go away; while it runs they say the same.
  Status save();
  const UsageRecord& record() const { return record_; }

 private:
  UsageEntries add(const Usage& now, const UsageEntries& before);

  std::string path_;
  const Clock& clock_;
  UsageRecord record_;
  std::map<std::uint64_t, UsageEntries> predecessors_;  // by process, what `last` is for the present one
  bool changed_ = false;
};

}  // namespace libra::sidecar
