#pragma once

#include <chrono>
#include <thread>

namespace libra {

using Millis = std::chrono::milliseconds;
using Time = std::chrono::system_clock::time_point;     // for people and rows; may jump
using Instant = std::chrono::steady_clock::time_point;  // for deadlines; never jumps

// The only source of time in services and drivers, so tests can turn it by hand.
// Safe to call from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
  virtual Instant monotonic() const = 0;
  virtual void pause(Millis length) const = 0;  // before looking again at what tells nothing when it is done
};

class SystemClock final : public Clock {
 public:
  Time now() const override { return std::chrono::system_clock::now(); }
  Instant monotonic() const override { return std::chrono::steady_clock::now(); }
  void pause(Millis length) const override { std::this_thread::sleep_for(length); }
};

}  // namespace libra
