#include "tests/support/nginx_device.h"

#include <stdexcept>

#include "lib/base/clock.h"
#include "sidecar/nginx/control_socket.h"
#include "tests/support/paths.h"

namespace libra::test {

NginxDevice::NginxDevice() {
  for (auto& port : ports_) port = static_cast<std::uint16_t>(freePort());
  config_.directory = directory_.path();
  config_.stats_socket = directory_ / "control.sock";
  config_.binary = "/usr/sbin/nginx";
  config_.modules = binaryDir() + "/modules";
  if (auto written = sidecar::writeBaseConfig("nginx", config_); !written)
    throw std::runtime_error(written.error().detail);
  start();
}

void NginxDevice::start() {
  const auto& folder = config_.directory;
  const std::vector<std::string> command{config_.binary,          "-p", folder, "-c", folder + "/nginx.conf", "-g",
                                         "daemon off; user root;"};
  process_ = std::make_unique<ChildProcess>(command, directory_ / "nginx.log");
  const SystemClock clock;
  const sidecar::nginx::ControlSocket control(config_.stats_socket, clock);
  const bool answers = waitFor([&] { return process_->hasEnded() || control.get("/status"); });
  if (!answers || process_->pid() == 0) throw std::runtime_error("nginx did not start: " + process_->output());
}

void NginxDevice::stop() {
  if (!process_) return;
  process_->signal(SIGTERM);
  waitFor([&] { return process_->hasEnded(); });
  process_.reset();
}

}  // namespace libra::test
