#pragma once

#include <optional>
#include <string>

#include "lib/base/clock.h"
#include "lib/gear/worker.h"
#include "lib/protocol/device_report.h"
#include "sidecar/settings.h"

namespace libra::sidecar {

// The device at the job servers: one function, named after it, on threads of its own.
// Destroying it waits for the job under way.
class JobLoop {
 public:
  JobLoop(const Settings& settings, const Clock& clock, gear::Worker::Handler answer)
      : settings_(settings), clock_(clock), answer_(std::move(answer)) {}

  Status start();                        // once
  protocol::Diagnosis diagnose() const;  // may take two seconds

 private:
  const Settings settings_;
  const Clock& clock_;
  const gear::Worker::Handler answer_;
  std::optional<gear::Worker> worker_;
};

}  // namespace libra::sidecar
