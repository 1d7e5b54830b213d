#pragma once

#include <memory>

#include "sidecar/make_driver.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace libra::test {

// A real nginx with this build's modules, started from the driver's files as a device does
// it, with four free ports. Everything is gone with this object.
class NginxDevice {
 public:
  NginxDevice();
  ~NginxDevice() { stop(); }

  const sidecar::DriverConfig& config() const { return config_; }
  std::uint16_t port(std::size_t which = 0) const { return ports_[which]; }
  pid_t master() const { return process_ ? process_->pid() : 0; }
  std::string log() const { return process_->output(); }
  void start();  // returns when it answers on the control socket
  void stop();   // in order, as an init does

 private:
  TempDir directory_;
  sidecar::DriverConfig config_;
  std::uint16_t ports_[4]{};
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace libra::test
