#pragma once

#include "lib/heartbeat/beat.h"

namespace libra::heartbeat {

// Who feels the beats of one device. Given once per connection, so that nobody looks a device
// up by its name for each of a hundred thousand beats a second.
class Pulse {
 public:
  virtual ~Pulse() = default;
  virtual void felt(const Beat& beat) = 0;  // authentic and fresh
};

}  // namespace libra::heartbeat
