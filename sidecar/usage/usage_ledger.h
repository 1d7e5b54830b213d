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

struct UsageCounters {
  std::uint64_t bytes_in = 0, bytes_out = 0, connections = 0, requests = 0;
  bool operator==(const UsageCounters&) const = default;
};

// What the ledger keeps on disk; a plain value.
struct UsageRecord {
  std::uint64_t proxy_start = 0;                 // of the proxy `last` was read from
  std::map<UsageKey, UsageCounters> last;        // the proxy's counters at the last sample
  std::map<UsageKey, UsageCounters> unreported;  // used since the last period ended
  Time period_start{};
  std::uint64_t sequence = 0;                        // of the last period given out
  std::optional<protocol::UsagePeriod> outstanding;  // given out, not acknowledged
};

// Adds up what load balancers used, over restarts of the proxy and of the sidecar:
// a counter that began again at 0 adds, it never subtracts. Given out in periods, each
// at least once: on disk before it is told, and told again until acknowledged.
// One thread at a time.
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
  std::string path_;
  const Clock& clock_;
  UsageRecord record_;
  bool changed_ = false;
};

}  // namespace libra::sidecar
