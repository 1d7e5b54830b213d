#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "lib/base/result.h"
#include "lib/protocol/device_state.h"

namespace libra::sidecar {

// What the device knows of VIPs across restarts: the highest epoch each was wanted
// with, and which of the interface's addresses the sidecar put there. Nobody else's
// address (the management address above all) is ever in surplus. A plain value.
class VipLedger {
 public:
  struct Entry {
    int prefix = 0;
    std::uint64_t epoch = 0;
    bool ours = false;
    bool operator==(const Entry&) const = default;
  };

  // Conflict when a VIP is wanted with a lower epoch than was seen: it has moved on.
  Status admit(const std::vector<protocol::VirtualIpState>& wanted) const;

  // Notes what will be on the interface, before it is. `present` is what is there now.
  void want(const std::vector<protocol::VirtualIpState>& wanted, const std::set<NetAddress>& present);
  void dropped(const NetAddress& address);

  // What we put on the interface and nobody wants any more.
  std::map<NetAddress, int> surplus(const std::vector<protocol::VirtualIpState>& wanted) const;

  std::map<NetAddress, Entry>& entries() { return entries_; }  // for the state file
  const std::map<NetAddress, Entry>& entries() const { return entries_; }
  bool operator==(const VipLedger&) const = default;

 private:
  std::map<NetAddress, Entry> entries_;
};

}  // namespace libra::sidecar
