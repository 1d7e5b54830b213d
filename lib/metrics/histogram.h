#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace libra::metrics {

// How long things took, in buckets from half a millisecond to half a minute. observe()
// neither locks nor allocates; all members are thread-safe.
class Histogram {
 public:
  static constexpr std::array<double, 16> kBounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                  0.25,   0.5,   1,      2.5,   5,    10,    15,   30};  // seconds

  void observe(std::chrono::nanoseconds took);

  struct Snapshot {
    std::array<std::uint64_t, kBounds.size()> within{};  // so many took no longer than the bound
    std::uint64_t count = 0;
    double sum = 0;  // seconds
  };
  Snapshot snapshot() const;

 private:
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> buckets_{};  // the last: longer than all bounds
  std::atomic<std::int64_t> sum_{0};                                      // nanoseconds
};

}  // namespace libra::metrics
