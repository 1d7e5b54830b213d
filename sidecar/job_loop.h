#pragma once

#include <string>

#include "lib/gear/worker.h"
#include "lib/protocol/device_report.h"
#include "sidecar/settings.h"

namespace libra::sidecar {

// The device at the job servers: one function, named after it, on threads of its own.
// Destroying it waits for the job under way.
class JobLoop {
 public:
  JobLoop(const Settings& settings, gear::Worker::Handler answer);

  Status start() { return worker_.start(); }
  protocol::Diagnosis diagnose() const;  // may take two seconds

 private:
  const std::string network_target_;
  gear::Worker worker_;
};

}  // namespace libra::sidecar
