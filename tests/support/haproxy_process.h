#pragma once

#include <csignal>
#include <memory>

#include "sidecar/make_driver.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace libra::test {

// A real HAProxy on ports of its own, started from the driver's files as a device does it:
// haproxy -db -f <directory>/haproxy.cfg. Everything is gone with this object.
class HaproxyProcess {
 public:
  HaproxyProcess();  // with the configuration of a device that carries nothing

  const sidecar::DriverConfig& config() const { return config_; }
  std::uint16_t port(std::size_t which = 0) const { return config_.ports.at(which); }
  pid_t pid() const { return process_ ? process_->pid() : 0; }
  void kill() { process_.reset(); }  // -9
  void start();                      // returns when it answers on the stats socket
  void stopAnswering() { process_->signal(SIGSTOP); }

 private:
  TempDir directory_;
  sidecar::DriverConfig config_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace libra::test
