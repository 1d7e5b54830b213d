#pragma once

#include <cstdint>

#include "lib/base/net_address.h"

namespace libra::model {

// An address clients connect to. Free when device == 0.
struct VirtualIp {
  std::int64_t id = 0;
  NetAddress address;
  int prefix = 32;
  std::int64_t device = 0;
  std::uint64_t epoch = 0;  // raised each time the holder changes
};

}  // namespace libra::model
