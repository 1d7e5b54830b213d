#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "controller/model/status.h"
#include "lib/base/clock.h"

namespace libra::model {

struct NewDevice {
  std::string name;     // unique; also the Gearman function
  std::string address;  // management address
  std::string zone;
  std::string host_group;
  std::string driver;                     // "haproxy"
  std::vector<std::string> capabilities;  // words told in DISCOVER; none: an ancestor's
  std::string provider_id;                // the provider's own name for it
};

struct Device : NewDevice {
  std::int64_t id = 0;
  DeviceStatus status = DeviceStatus::Offline;
  bool maintenance = false;              // not given out as a spare
  std::uint64_t generation = 0;          // wanted
  std::uint64_t applied_generation = 0;  // made true; smaller means work is due
  int attempts = 0;                      // failed tries at the present generation
  Time next_due{};                       // not before
  std::string last_error;                // for the operator
  std::int64_t waits_for = 0;            // what is due waits until that device runs its own, next_due at the latest
  Time created{}, updated{};
};

// The first of `needs` the device is not capable of; "" when there is none. One that told no
// capabilities is trusted with everything.
inline std::string firstLacking(const Device& device, const std::vector<std::string>& needs) {
  const auto& able = device.capabilities;
  if (able.empty()) return "";
  for (const auto& need : needs)
    if (std::find(able.begin(), able.end(), need) == able.end()) return need;
  return "";
}

// As the ancestor knew zones: by number. 0 for one that has a name.
inline int zoneNumber(std::string_view zone) {
  int number = 0;
  const auto [end, error] = std::from_chars(zone.data(), zone.data() + zone.size(), number);
  return error == std::errc{} && end == zone.data() + zone.size() ? number : 0;
}

}  // namespace libra::model
