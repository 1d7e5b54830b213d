#pragma once

#include "sidecar/driver.h"

namespace libra::example {

// Drives whatever reads a file: the whole state is written to one, as JSON, and read back
// from there. The worked example of docs/extending.md.
class FileDriver : public sidecar::Driver {
 public:
  // Reads `file` at each call, so it may be changed behind our back; absent: nothing runs.
  explicit FileDriver(std::string file) : file_(std::move(file)) {}

  Result<sidecar::Applied> apply(const protocol::DeviceState& wanted) override;
  Result<protocol::DeviceState> live() override;
  Result<std::map<std::string, sidecar::NodeCheck>> health() override;
  bool checksItself(const protocol::MonitorState&) const override { return false; }
  Status setHealth(const std::map<std::string, protocol::NodeHealth>& nodes) override;
  Result<sidecar::Usage> usage() override;
  sidecar::Capabilities capabilities() const override;
  Result<std::string> explain() override;
  Result<sidecar::ColdStart> coldStart(const protocol::DeviceState&) override {
    return sidecar::ColdStart([] { return ok(); });  // the file is one
  }

 private:
  Result<protocol::DeviceState> written() const;

  const std::string file_;
  std::map<std::string, sidecar::NodeCheck> health_;  // as the sidecar told
};

}  // namespace libra::example
