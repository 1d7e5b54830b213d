#pragma once

#include <chrono>
#include <cstdint>

#include "controller/watch/liveness.h"

// Devices that never die, watched for hours of simulated time by the verdict code of the
// controller over networks that lose packets. Only what is lost is played; the rest of the
// time nothing happens.
namespace libra::simulation {

struct Fleet {
  int devices = 1000;
  std::chrono::hours time{1};
  std::uint64_t seed = 1;
};

struct Tally {
  std::int64_t beats = 0;     // that were due
  std::int64_t events = 0;    // losses that made a device suspect, or bursts
  std::int64_t verdicts = 0;  // all of them wrong
};

// Each packet is lost by itself, either way.
Tally independentLoss(const Fleet& fleet, double loss);

// Gilbert-Elliott: bursts in which all is lost take up `share` of the time.
struct Bursts {
  double share = 0.001;
  Millis mean{100};
};
// On the watcher's own path, so that all devices fall silent together.
Tally burstsAtTheWatcher(const Fleet& fleet, const Bursts& bursts);
// On each device's link: one that outlasts detection is a death to its clients, too.
Tally burstsAtDevices(const Fleet& fleet, const Bursts& bursts);

}  // namespace libra::simulation
