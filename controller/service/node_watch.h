#pragma once

#include "controller/service/device_round.h"

namespace libra::service {

// Asks the devices in service for the health of their nodes (STATS) and stores what
// changed: node ONLINE <-> ERROR, load balancer ACTIVE <-> DEGRADED with a reason
// (spec 2.1, 2.2, 6.2 item 6); journals what else the devices tell. Only devices whose
// lease is ours, and what they tell is stored only while it still is. Never decides about
// devices. Thread-safe.
class NodeWatch {
 public:
  NodeWatch(const Context& context, DeviceGateway& gateway, DeviceSync::Run run);
  void poll() { round_.begin(); }

 private:
  DeviceRound round_;
};

}  // namespace libra::service
