#include "tests/support/haproxy_process.h"

#include <stdexcept>

#include "lib/base/clock.h"
#include "sidecar/haproxy/runtime_socket.h"

namespace libra::test {

HaproxyProcess::HaproxyProcess() {
  config_.directory = directory_.path();
  config_.stats_socket = directory_ / "haproxy.sock";
  // Another test may take a port between its choice and its use.
  for (int attempt = 0; attempt < 5; ++attempt) {
    config_.management = "127.0.0.1:" + std::to_string(freePort());
    config_.ports.clear();
    for (int i = 0; i < 3; ++i) config_.ports.push_back(static_cast<std::uint16_t>(freePort()));
    std::filesystem::remove(directory_ / "haproxy.cfg");
    if (auto status = sidecar::writeBaseConfig(config_); !status) throw std::runtime_error(status.error().detail);
    try {
      start();
      return;
    } catch (const std::runtime_error&) {
      if (attempt == 4) throw;
    }
  }
}

void HaproxyProcess::start() {
  const std::vector<std::string> command{config_.binary, "-db", "-f", config_.directory + "/haproxy.cfg"};
  process_ = std::make_unique<ChildProcess>(command, directory_ / "haproxy.log");
  const SystemClock clock;
  const bool answers = waitFor(
      [&] { return process_->hasEnded() || sidecar::haproxy::RuntimeSocket::open(config_.stats_socket, clock); });
  if (!answers || process_->pid() == 0) throw std::runtime_error("haproxy did not start: " + process_->output());
}

}  // namespace libra::test
