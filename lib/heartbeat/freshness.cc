#include "lib/heartbeat/freshness.h"

#include <algorithm>

namespace libra::heartbeat {

namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

constexpr int kDrift = 1000;  // one part in this many

}  // namespace

Freshness::Verdict Freshness::judge(std::uint64_t sequence, microseconds sent, Instant now) {
  if (sequence <= last_) return Verdict::Replayed;
  last_ = sequence;
  // Modulo 2^64, for the sender's clock may say anything.
  const auto arrived = duration_cast<microseconds>(now.time_since_epoch());
  const microseconds way(static_cast<std::int64_t>(static_cast<std::uint64_t>(arrived.count()) -
                                                   static_cast<std::uint64_t>(sent.count())));
  if (quickest_) *quickest_ += duration_cast<microseconds>(now - judged_) / kDrift;
  judged_ = now;
  quickest_ = std::min(quickest_.value_or(way), way);
  delay_ = way - *quickest_;
  return delay_ > most_delay_ ? Verdict::Late : Verdict::Fresh;
}

}  // namespace libra::heartbeat
