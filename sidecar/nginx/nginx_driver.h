#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "sidecar/driver.h"
#include "sidecar/make_driver.h"
#include "sidecar/nginx/control_socket.h"

namespace libra::sidecar::nginx {

// Drives a running nginx with our modules by their control socket: a change is one document,
// the whole state, answered when every worker carries it. Keeps nothing between calls. An
// older generation than the one running changes nothing. Ports are opened here and handed
// over: nginx's workers could not open those below 1024.
class NginxDriver final : public Driver {
 public:
  NginxDriver(const DriverConfig& config, std::string version, const Clock& clock);

  Result<Applied> apply(const protocol::DeviceState& wanted) override;
  Result<protocol::DeviceState> live() override;
  Result<std::map<std::string, NodeCheck>> health() override;
  bool checksItself(const protocol::MonitorState&) const override { return false; }
  Status setHealth(const std::map<std::string, protocol::NodeHealth>& nodes) override;
  Result<Usage> usage() override;
  Capabilities capabilities() const override;
  Result<std::string> explain() override;
  // nginx keeps what it was told.
  Result<ColdStart> coldStart(const protocol::DeviceState&) override {
    return ColdStart([] { return ok(); });
  }
  Result<std::map<std::string, NodeCheck>> tick() override;

 private:
  Result<protocol::DeviceState> carried(const protocol::DeviceState& wanted) const;
  Result<Applied> applyOnce(const protocol::DeviceState& wanted) const;
  Result<std::map<std::string, NodeCheck>> healthOf(const protocol::DeviceState& running) const;
  Status put(const json::Value& next, const json::Value& running, const protocol::DeviceState& wanted) const;
  std::chrono::seconds unixTime() const;

  std::string version_;
  const Clock& clock_;
  ControlSocket control_;
};

Result<std::unique_ptr<Driver>> makeNginx(const DriverConfig& config, const Clock& clock);

}  // namespace libra::sidecar::nginx
