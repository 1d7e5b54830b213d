#pragma once

#include <string>
#include <vector>

#include "controller/model/device.h"
#include "controller/model/load_balancer.h"
#include "lib/protocol/device_state.h"

namespace libra::service {

// A device by name, and what it shall run.
struct DeviceJob {
  std::string device;
  protocol::DeviceState state;
};

// What the device shall run, whole: all on it but what is being deleted, each on all its
// VIPs, with the defaults filled in. A device that carries nothing holds no VIP.
protocol::DeviceState wantedState(const model::Device& device, const std::vector<model::LoadBalancer>& load_balancers,
                                  const std::vector<model::VirtualIp>& vips);

}  // namespace libra::service
