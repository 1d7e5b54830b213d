#pragma once

#include <atomic>

#include "lib/base/clock.h"

namespace libra::test {

// Time that moves only when told to, and when somebody pauses. Safe to call from any thread.
class FakeClock final : public Clock {
 public:
  Time now() const override { return Time(std::chrono::milliseconds(millis_.load())); }
  Instant monotonic() const override { return Instant(std::chrono::milliseconds(millis_.load())); }
  void pause(Millis length) const override { millis_ += length.count(); }
  void advance(std::chrono::milliseconds by) { millis_ += by.count(); }

 private:
  mutable std::atomic<std::int64_t> millis_{1'795'000'000'000};  // in 2026
};

}  // namespace libra::test
