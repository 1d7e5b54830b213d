#pragma once

#include <memory>

#include "controller/service/device_gateway.h"
#include "controller/service/device_sync.h"

namespace libra::service {

// Asks the devices in service for the health of their nodes (STATS) and stores what
// changed: node ONLINE <-> ERROR, load balancer ACTIVE <-> DEGRADED with a reason
// (spec 2.1, 2.2, 6.2 item 6); journals what else the devices tell. Only devices whose
// lease is ours, and what they tell is stored only while it still is. Never decides about
// devices. Thread-safe.
class NodeWatch {
 public:
  NodeWatch(Context context, DeviceGateway& gateway, DeviceSync::Run run);
  ~NodeWatch();
  void poll();  // one round; a device still being asked from an earlier round is left out

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace libra::service
