#pragma once

#include <memory>
#include <set>
#include <string>

#include "lib/base/clock.h"
#include "sidecar/driver.h"
#include "sidecar/haproxy/blue_green.h"
#include "sidecar/haproxy/config_text.h"
#include "sidecar/haproxy/live_state.h"
#include "sidecar/haproxy/plan.h"
#include "sidecar/haproxy/runtime_socket.h"
#include "sidecar/haproxy/upkeep.h"
#include "sidecar/haproxy/wanted.h"
#include "sidecar/make_driver.h"
#include "sidecar/steer/steering.h"

namespace libra::sidecar::haproxy {

// Drives a running HAProxy by its stats socket. Keeps nothing between calls: each opens a
// connection and asks; but for what may be forgotten when it was
// of no use twice, and connections to processes that only finish. An older generation than the one running changes
// nothing.
class HaproxyDriver final : public Driver {
 public:
  // `base`: of every process started by these settings.
  HaproxyDriver(DriverConfig config, Base base, std::string version, Result<Steering> steering, const Clock& clock);

  Result<Applied> apply(const protocol::DeviceState& wanted) override;
  Result<protocol::DeviceState> live() override;
  Result<std::map<std::string, NodeCheck>> health() override;
  bool checksItself(const protocol::MonitorState& monitor) const override;
  Status setHealth(const std::map<std::string, protocol::NodeHealth>& nodes) override;
  Result<Usage> usage() override;
  Capabilities capabilities() const override;
  Result<std::string> explain() override;
  Result<ColdStart> coldStart(const protocol::DeviceState& wanted) override;
  Result<std::map<std::string, NodeCheck>> tick() override;
  void attend() override;

 private:
  Result<RuntimeSocket> connect() const;
  Result<Applied> applyOnce(RuntimeSocket& socket, const protocol::DeviceState& wanted);
  Result<bool> exchange(RuntimeSocket& socket, RunningState& live, const protocol::DeviceState& wanted);
  std::set<std::uint16_t> portsFor(const protocol::DeviceState& wanted) const;
  DriverConfig configWith(const std::set<std::uint16_t>& ports) const;
  Result<ProxyState> coldState(const protocol::DeviceState& wanted) const;
  Extent extentFor(const ProxyState& state) const;
  Result<Plan> planFor(RuntimeSocket& socket, const ProxyState& live, const protocol::DeviceState& wanted) const;
  Result<bool> steer(const protocol::DeviceState& wanted) const;
  Status leadToProxy() const;
  Listening listening() const;

  DriverConfig config_;
  Base base_;
  std::string version_;
  Result<Steering> steering_;  // without it, the catalogue ports have to do
  const Clock& clock_;
  ColdStarts cold_starts_;
  BlueGreen blue_green_;
  Upkeep upkeep_;
};

Result<std::unique_ptr<Driver>> makeHaproxy(const DriverConfig& config, const Clock& clock);

// The configuration of a device that carries nothing, for HAProxy's first start.
// Changes nothing when there is a configuration.
Status writeBaseConfig(const DriverConfig& config);

}  // namespace libra::sidecar::haproxy
