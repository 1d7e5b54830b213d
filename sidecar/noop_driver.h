#pragma once

#include "sidecar/driver.h"

namespace libra::sidecar {

// Drives no proxy: remembers what it was told and says that all of it is true.
class NoopDriver : public Driver {
 public:
  Result<Applied> apply(const protocol::DeviceState& wanted) override;
  Result<protocol::DeviceState> live() override;
  Result<std::map<std::string, NodeCheck>> health() override;
  bool checksItself(const protocol::MonitorState&) const override { return true; }
  Status setHealth(const std::map<std::string, protocol::NodeHealth>&) override { return ok(); }
  Result<Usage> usage() override;
  Capabilities capabilities() const override;
  Result<std::string> explain() override;
  Result<ColdStart> coldStart(const protocol::DeviceState& wanted) override;

 private:
  protocol::DeviceState state_;
};

}  // namespace libra::sidecar
