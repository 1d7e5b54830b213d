#pragma once

#include <csignal>
#include <memory>

#include "lib/base/handles.h"
#include "sidecar/make_driver.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace libra::test {

// A real HAProxy on ports of its own, started from the driver's files as a device does it:
// haproxy -W -S <master socket> -f <directory>/haproxy.cfg. Everything is gone with this object.
class HaproxyProcess {
 public:
  // With the configuration of a device that carries nothing, and this folder of pins.
  explicit HaproxyProcess(const std::string& steering = "");

  ~HaproxyProcess() { kill(); }

  // A second one that starts from what another would start from now, on other ports.
  explicit HaproxyProcess(const HaproxyProcess& original);

  const sidecar::DriverConfig& config() const { return config_; }
  std::uint16_t port(std::size_t which = 0) const { return config_.ports.at(which); }
  pid_t pid() const { return process_ && process_->pid() != 0 ? worker_ : 0; }  // that serves since the start
  std::string log() const { return process_->output(); }
  void kill();           // -9, whatever process it has
  void start();          // returns when it answers on the stats socket
  void stopAnswering();  // frozen (SIGSTOP) when it returns

 private:
  void liveIn(const TempDir& directory);
  Status meetWorker();  // whoever serves now

  TempDir directory_;
  sidecar::DriverConfig config_;
  std::unique_ptr<ChildProcess> process_;
  pid_t worker_ = 0;
  Fd worker_end_;  // readable when the worker ended
};

}  // namespace libra::test
