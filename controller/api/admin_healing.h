#pragma once

#include "controller/api/call.h"
#include "controller/service/healer.h"

namespace libra::api {

// What the ancestor did not have: failovers by hand, and the breaker that holds back those
// of a mass failure.
class AdminHealingRoutes {
 public:
  explicit AdminHealingRoutes(service::Healer& healer) : healer_(healer) {}

  Answer failOver(const Call& call, std::int64_t device) const;
  Answer breaker(const Call& call) const;
  Answer setBreaker(const Call& call) const;  // {"open": false}

 private:
  service::Healer& healer_;
};

}  // namespace libra::api
