#pragma once

#include <memory>
#include <string>

#include "lib/base/clock.h"
#include "sidecar/driver.h"
#include "sidecar/haproxy/live_state.h"
#include "sidecar/haproxy/plan.h"
#include "sidecar/haproxy/runtime_socket.h"
#include "sidecar/make_driver.h"

namespace libra::sidecar::haproxy {

// Drives a running HAProxy by its stats socket. Keeps nothing between calls: each opens a
// connection and asks. An older generation than the one running changes nothing.
class HaproxyDriver final : public Driver {
 public:
  HaproxyDriver(DriverConfig config, std::string version, const Clock& clock)
      : config_(std::move(config)), version_(std::move(version)), clock_(clock) {}

  Result<Applied> apply(const protocol::DeviceState& wanted) override;
  Result<protocol::DeviceState> live() override;
  Result<std::map<std::string, protocol::NodeHealth>> health() override;
  Result<Usage> usage() override;
  Capabilities capabilities() const override;
  Status writeColdStart(const protocol::DeviceState& wanted) override;
  void tick() override;

 private:
  Result<RuntimeSocket> connect() const;
  Result<Applied> applyOnce(RuntimeSocket& socket, const protocol::DeviceState& wanted) const;
  Result<Plan> planFor(RuntimeSocket& socket, const ProxyState& live, const protocol::DeviceState& wanted) const;
  void endDrains(RuntimeSocket& socket, const LiveState& live) const;
  void endQuarantines(RuntimeSocket& socket, const LiveState& live) const;

  DriverConfig config_;
  std::string version_;
  const Clock& clock_;
};

Result<std::unique_ptr<Driver>> makeHaproxy(const DriverConfig& config, const Clock& clock);

// The configuration of a device that carries nothing, for HAProxy's first start.
// Changes nothing when there is a configuration.
Status writeBaseConfig(const DriverConfig& config);

}  // namespace libra::sidecar::haproxy
