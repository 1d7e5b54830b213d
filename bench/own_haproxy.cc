#include "bench/own_haproxy.h"

#include <cstdlib>

#include "bench/running_libra.h"
#include "sidecar/haproxy/runtime_socket.h"

namespace libra::bench {

OwnHaproxy::OwnHaproxy(const std::vector<std::string>& arguments, std::string stats_socket)
    : stats_socket_(std::move(stats_socket)), process_(sidecar::DriverConfig{}.binary, arguments) {
  waitUntil([this] { return serving() != 0; }, "haproxy did not start");
}

pid_t OwnHaproxy::serving() const {
  const SystemClock clock;
  auto socket = sidecar::haproxy::RuntimeSocket::open(stats_socket_, clock);
  if (!socket) return 0;
  const auto info = socket->run({"show info"});
  if (!info) return 0;
  const auto at = info->front().find("\nPid: ");
  return at == std::string::npos ? 0 : static_cast<pid_t>(std::atoi(info->front().c_str() + at + 6));
}

sidecar::DriverConfig ownConfig(const Folder& folder, std::vector<std::uint16_t> ports) {
  sidecar::DriverConfig config;
  config.directory = folder / "device";
  config.stats_socket = folder / "stats.sock";
  config.management = "127.0.0.1:" + std::to_string(freePort());
  config.ports = std::move(ports);
  if (const auto written = sidecar::writeBaseConfig("haproxy", config); !written) die(written.error().detail);
  return config;
}

}  // namespace libra::bench
