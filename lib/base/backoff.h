#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace libra {

// Full-jitter exponential back-off: attempt 0 waits up to `first`, each next up
// to twice as long, never more than `most`, never less than half of that bound.
struct Backoff {
  std::chrono::milliseconds first{100};
  std::chrono::milliseconds most{60'000};

  std::chrono::milliseconds delay(int attempt) const {
    thread_local std::minstd_rand random{std::random_device{}()};
    const int shift = std::clamp(attempt, 0, 20);
    const auto bound = std::min<long long>(most.count(), first.count() << shift);
    std::uniform_int_distribution<long long> spread(bound / 2, std::max<long long>(bound, 1));
    return std::chrono::milliseconds(spread(random));
  }
};

}  // namespace libra
