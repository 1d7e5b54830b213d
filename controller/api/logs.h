#pragma once

#include "controller/api/call.h"
#include "controller/service/load_balancers.h"

namespace libra::api {

// spec/libra.md 1.6.19.
class LogRoutes {
 public:
  explicit LogRoutes(service::LoadBalancers& load_balancers) : load_balancers_(load_balancers) {}

  Answer archive(const Call& call, std::int64_t lb) const;

 private:
  service::LoadBalancers& load_balancers_;
};

}  // namespace libra::api
