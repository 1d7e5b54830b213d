#pragma once

#include <string>
#include <utility>

#include "lib/base/result.h"
#include "lib/protocol/device_state.h"
#include "sidecar/twin_file.h"
#include "sidecar/vip/vip_ledger.h"

namespace libra::sidecar {

// What a device remembers over a restart: the state it is to be in and its VIPs.
struct Stored {
  protocol::DeviceState state;
  bool deleted = true;  // carries nothing: never configured, or DELETE came last
  VipLedger vips;
  bool operator==(const Stored&) const = default;
};

// On disk when write() returns. Read it before the first write. One thread at a time.
class StateFile {
 public:
  explicit StateFile(std::string path) : file_(std::move(path)) {}

  Result<Stored> read();  // a missing file is a new device
  Status write(const Stored& stored);

 private:
  TwinFile file_;
};

}  // namespace libra::sidecar
