#pragma once

#include "controller/api/call.h"
#include "controller/service/load_balancers.h"

namespace libra::api {

// spec/libra.md 1.6.18.
class VirtualIpRoutes {
 public:
  explicit VirtualIpRoutes(service::LoadBalancers& load_balancers) : load_balancers_(load_balancers) {}

  Answer list(const Call& call, std::int64_t lb) const;

 private:
  service::LoadBalancers& load_balancers_;
};

}  // namespace libra::api
