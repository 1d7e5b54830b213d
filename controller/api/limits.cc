#include "controller/api/limits.h"

#include "controller/api/codec.h"

namespace libra::api {

Answer LimitRoutes::algorithms(const Call&) const { return http::Response{200, codec::writeAlgorithms()}; }

Answer LimitRoutes::protocols(const Call&) const {
  auto rules = load_balancers_.protocols();
  if (!rules) return rules.error();
  return http::Response{200, codec::writeProtocols(*rules)};
}

Answer LimitRoutes::limits(const Call& call) const {
  auto limits = load_balancers_.limits(call.caller.tenant);
  if (!limits) return limits.error();
  return http::Response{200, codec::writeLimits(*limits)};
}

}  // namespace libra::api
