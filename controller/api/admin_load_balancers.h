#pragma once

#include "controller/api/call.h"
#include "controller/service/load_balancers_admin.h"

namespace libra::api {

// spec/libra.md 3.4, and the DELETE that it lacks.
class AdminLoadBalancerRoutes {
 public:
  explicit AdminLoadBalancerRoutes(service::LoadBalancersAdmin& load_balancers) : load_balancers_(load_balancers) {}

  Answer list(const Call& call) const;
  Answer find(const Call& call, std::int64_t id) const;
  Answer remove(const Call& call, std::int64_t id) const;
  Answer usage(const Call& call, std::int64_t id) const;

 private:
  service::LoadBalancersAdmin& load_balancers_;
};

}  // namespace libra::api
