#pragma once

#include <vector>

#include "controller/service/failover.h"

namespace libra::service {

// Virtual IPs as the operator sees them. Thread-safe.
class VipsAdmin {
 public:
  VipsAdmin(Context context, Failover& failover) : context_(std::move(context)), failover_(failover) {}

  Result<std::vector<model::VirtualIp>> list();  // those some device holds
  Result<model::VirtualIp> find(std::int64_t id);

  // To a spare, with all that its device carries: it is served there before it is given up
  // here (Failover::drain). The device it came from and the one that has it now.
  struct Moved {
    std::int64_t from = 0, to = 0;
  };
  Result<Moved> move(std::int64_t id, std::int64_t spare);  // Invalid when nobody holds it

 private:
  Context context_;
  Failover& failover_;
};

}  // namespace libra::service
