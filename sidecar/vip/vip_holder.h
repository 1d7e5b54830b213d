#pragma once

#include <set>

#include "lib/base/net_address.h"
#include "lib/base/result.h"
#include "lib/protocol/device_state.h"

namespace libra::sidecar {

// Virtual IPs on the device's interface. Which to hold is the caller's decision.
// Called from one thread at a time.
class VipHolder {
 public:
  virtual ~VipHolder() = default;
  virtual Result<std::set<NetAddress>> present() = 0;  // every address of the interface, whosever it is

  // Puts the VIP on the interface and tells the neighbours; one that is there already
  // is left as it is and not announced again.
  virtual Status hold(const protocol::VirtualIpState& vip) = 0;
  virtual Status drop(const NetAddress& address, int prefix) = 0;  // absent is ok

  // Those of the addresses that a neighbour says are his; none where neighbours are not spoken
  // to. An Error when nobody can be asked. May take half a second.
  virtual Result<std::set<NetAddress>> heldElsewhere(const std::set<NetAddress>& addresses) = 0;
};

}  // namespace libra::sidecar
