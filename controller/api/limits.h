#pragma once

#include "controller/api/call.h"
#include "controller/service/load_balancers.h"

namespace libra::api {

// What the service offers: spec/libra.md 1.6.2 - 1.6.4.
class LimitRoutes {
 public:
  explicit LimitRoutes(service::LoadBalancers& load_balancers) : load_balancers_(load_balancers) {}

  Answer algorithms(const Call& call) const;
  Answer protocols(const Call& call) const;
  Answer limits(const Call& call) const;

 private:
  service::LoadBalancers& load_balancers_;
};

}  // namespace libra::api
