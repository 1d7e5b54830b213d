#include "sidecar/make_driver.h"

#include "sidecar/haproxy/haproxy_driver.h"
#include "sidecar/nginx/base_config.h"
#include "sidecar/nginx/nginx_driver.h"
#include "sidecar/noop_driver.h"

namespace libra::sidecar {

Result<std::unique_ptr<Driver>> makeDriver(std::string_view name, const DriverConfig& config, const Clock& clock) {
  if (name == "haproxy") return haproxy::makeHaproxy(config, clock);
  if (name == "nginx") return nginx::makeNginx(config, clock);
  if (name == "noop") return std::unique_ptr<Driver>(std::make_unique<NoopDriver>());
  return Error{ErrorCode::Invalid, "Unknown driver '" + std::string(name) + "', want haproxy, nginx or noop"};
}

Status writeBaseConfig(std::string_view name, const DriverConfig& config) {
  if (name == "haproxy") return haproxy::writeBaseConfig(config);
  return name == "nginx" ? nginx::writeBaseConfig(config) : ok();
}

}  // namespace libra::sidecar
