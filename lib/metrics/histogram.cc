#include "lib/metrics/histogram.h"

#include <algorithm>

namespace libra::metrics {

namespace {

using Seconds = std::chrono::duration<double>;

}  // namespace

void Histogram::observe(std::chrono::nanoseconds took) {
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), Seconds(took).count());
  buckets_[static_cast<std::size_t>(bound - kBounds.begin())].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(took.count(), std::memory_order_relaxed);
}

// Counted from the buckets alone, so that what is observed meanwhile does not make the
// last of them differ from the count.
Histogram::Snapshot Histogram::snapshot() const {
  Snapshot seen;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen.count += buckets_[i].load(std::memory_order_relaxed);
    if (i < kBounds.size()) seen.within[i] = seen.count;
  }
  seen.sum = Seconds(std::chrono::nanoseconds(sum_.load(std::memory_order_relaxed))).count();
  return seen;
}

}  // namespace libra::metrics
