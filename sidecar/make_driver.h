#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "sidecar/driver.h"

namespace libra::sidecar {

struct DriverConfig {
  std::string directory;                      // where configuration and maps live, e.g. /var/lib/libra/haproxy
  std::string stats_socket;                   // HAProxy's runtime socket, nginx's control socket
  std::string master_socket{};                // of HAProxy's master process; "": it has none
  std::chrono::seconds drain{300};            // for the connections of a process another takes over from
  std::string binary = "/usr/sbin/haproxy";   // for `haproxy -c`, `nginx -v`
  std::string management = "127.0.0.1:9080";  // address:port of the monitor-uri listener
  std::vector<std::uint16_t> ports{80, 443, 3306, 8080, 8088, 8443};  // catalogue ports bound at boot
  std::string modules = "/usr/lib/nginx/modules";                     // of nginx: the folder of ours
  std::string stream_module = "/usr/lib/nginx/modules";               // and of its own for TCP
  std::string steering{};  // folder of libra-steer's pins; "": the catalogue ports have to do
};

// Drivers are chosen where one can see them all: haproxy, nginx, noop.
Result<std::unique_ptr<Driver>> makeDriver(std::string_view name, const DriverConfig& config, const Clock& clock);

// What `libra-sidecar --write-base-config` does: puts the configuration of a device that
// carries nothing into config.directory, unless one is there already.
Status writeBaseConfig(std::string_view name, const DriverConfig& config);

}  // namespace libra::sidecar
