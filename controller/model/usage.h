#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/clock.h"

namespace libra::model {

// What one load balancer used on one device between two moments, both included.
struct LbUsageSample {
  std::int64_t load_balancer = 0;
  std::uint64_t bytes_in = 0, bytes_out = 0, connections = 0;
  std::string status;  // the load balancer's when it was stored; "DELETED" when it was gone
  Time start{}, end{};
  std::int64_t device = 0;
};

// All that a device tells at once. The sequence is the device's: what is told twice counts once.
struct UsageReport {
  std::int64_t device = 0;
  std::uint64_t sequence = 0;
  Time start{}, end{};
  std::vector<LbUsageSample> samples;  // of these, device and times are those of the report
};

}  // namespace libra::model
