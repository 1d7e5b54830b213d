#pragma once

#include <map>
#include <memory>
#include <string>

#include "controller/service/device_gateway.h"
#include "controller/service/spare_pool.h"
#include "lib/base/locked.h"

namespace libra::service {

// Devices on their way out: asked for what they counted last, destroyed by the provider, then
// their VIPs freed and their rows removed; again with back-off until it succeeds. Thread-safe;
// lives as long as work of it is queued.
class Removals : public std::enable_shared_from_this<Removals> {
 public:
  Removals(Context context, Provider& provider, DeviceGateway& gateway, DeviceSync::Run run, Backoff backoff);

  // On the strength of the pool's lease. A DELETED one; again for one under way changes nothing.
  void remove(const model::Device& device, const model::Tenure& tenure);

 private:
  struct Removal {
    bool under_way = false;
    int failures = 0;
    Instant not_before{};
  };

  void begin(const model::Device& device, const model::Tenure& tenure);
  void work(const model::Device& device, const model::Tenure& tenure);
  Status destroy(const model::Device& device, const model::Tenure& tenure);

  const Context context_;
  Provider& provider_;
  DeviceGateway& gateway_;
  const DeviceSync::Run run_;
  const Backoff backoff_;
  Locked<std::map<std::int64_t, Removal>> removals_;
};

}  // namespace libra::service
