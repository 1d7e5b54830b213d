#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "controller/service/store.h"
#include "lib/base/clock.h"

namespace libra::service {

// How many there are of what, at one moment.
struct Census {
  DeviceTable::ZoneCounts devices;
  int spares = 0;
  VipTable::Counts vips;
  std::map<model::LbStatus, int> load_balancers;
  Backlog backlog;
  std::optional<Time> oldest_pending;  // load balancer
  Time at{};

  int devicesIn(model::DeviceStatus status) const;  // of all zones
};

Result<Census> takeCensus(Store& store, const Clock& clock);

}  // namespace libra::service
