#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "lib/base/clock.h"

namespace libra::heartbeat {

// Which datagrams of one sender tell of the present: none twice, none behind a newer one,
// and none that lay somewhere on the way. How long a datagram was under way is known only
// against the quickest one so far, and the two clocks may drift by 0.1 % of the time.
class Freshness {
 public:
  enum class Verdict { Fresh, Replayed, Late };

  explicit Freshness(std::chrono::microseconds most_delay) : most_delay_(most_delay) {}

  Verdict judge(std::uint64_t sequence, std::chrono::microseconds sent, Instant now);
  std::chrono::microseconds delay() const { return delay_; }  // of the last one, over the quickest

 private:
  const std::chrono::microseconds most_delay_;
  std::uint64_t last_ = 0;
  std::optional<std::chrono::microseconds> quickest_;  // arrival minus departure: the clocks' difference is in it
  Instant judged_{};
  std::chrono::microseconds delay_{0};
};

}  // namespace libra::heartbeat
