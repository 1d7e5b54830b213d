#pragma once

#include "controller/service/device_round.h"

namespace libra::service {

// Collects what the devices in service counted (METRICS, spec 6.6) into usage rows. A device
// tells a period until it hears that it was stored, and a period told twice is stored once:
// nothing is lost or counted twice when a controller or an answer is. What a device that dies
// had not told yet is lost with it. Only devices whose lease is ours. Thread-safe.
class UsageCollection {
 public:
  UsageCollection(const Context& context, DeviceGateway& gateway, DeviceSync::Run run);
  void collect() { round_.begin(); }

 private:
  DeviceRound round_;
};

// All that a device has counted until now, before it is destroyed; then `done`, also when it
// does not answer. On the strength of `tenure`. To be called where one may wait for the store.
void collectLastUsage(const Context& context, DeviceGateway& gateway, const DeviceSync::Run& run,
                      const model::Device& device, const model::Tenure& tenure, std::function<void()> done);

}  // namespace libra::service
