#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/service/device_gateway.h"
#include "controller/service/failover.h"

namespace libra::service {

struct DeviceView {
  model::Device device;
  std::vector<model::VirtualIp> vips;
  std::vector<model::LoadBalancer> load_balancers;  // as LoadBalancerTable::list() gives them
};

struct DeviceFilter {
  std::optional<model::DeviceStatus> status;
  std::optional<std::string> name, address;
  std::optional<NetAddress> vip;
};

// Devices as the operator sees and changes them (spec/libra.md 3.2, 3.3). Error messages
// are the spec's fault strings. Thread-safe.
class DevicesAdmin {
 public:
  DevicesAdmin(Context context, DeviceGateway& gateway, Failover& failover)
      : context_(std::move(context)), gateway_(gateway), failover_(failover) {}

  Result<std::vector<DeviceView>> list(const DeviceFilter& filter);  // in id order, DELETED ones too
  Result<DeviceView> find(std::int64_t id);

  struct Discovered {
    std::string version, release;
  };
  Result<Discovered> discover(std::int64_t id);  // blocks up to ten seconds

  // Out of service for good. What it carries moves to a spare: the id of that, or 0
  // when it carried nothing.
  Result<std::int64_t> remove(std::int64_t id);
  Result<model::Device> drain(std::int64_t id);     // Failover::drain(); the spare
  Status setMaintenance(std::int64_t id, bool on);  // a spare in maintenance is not given out

  // What only v1 has.
  Result<DeviceView> add(const model::NewDevice& device);  // a spare that the caller made
  Status report(std::int64_t id, bool online, const std::string& description);
  Status forget(std::int64_t id);  // the row alone

 private:
  Context context_;
  DeviceGateway& gateway_;
  Failover& failover_;
};

}  // namespace libra::service
