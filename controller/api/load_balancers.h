#pragma once

#include "controller/api/call.h"
#include "controller/service/load_balancers.h"

namespace libra::api {

// spec/libra.md 1.6.5 - 1.6.9.
class LoadBalancerRoutes {
 public:
  explicit LoadBalancerRoutes(service::LoadBalancers& load_balancers) : load_balancers_(load_balancers) {}

  Answer list(const Call& call) const;
  Answer create(const Call& call) const;
  Answer find(const Call& call, std::int64_t id) const;
  Answer change(const Call& call, std::int64_t id) const;
  Answer remove(const Call& call, std::int64_t id) const;

 private:
  service::LoadBalancers& load_balancers_;
};

}  // namespace libra::api
