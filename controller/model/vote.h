#pragma once

#include <string>

namespace libra::model {

// What one controller says of a device that it, or another, does not hear.
struct Vote {
  std::string device;  // by name
  std::string voter;   // a controller, as the holder of its leases
  bool lost = false;   // it does not hear the device; false: it does

  bool operator==(const Vote&) const = default;
};

}  // namespace libra::model
