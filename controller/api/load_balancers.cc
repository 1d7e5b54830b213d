#include "controller/api/load_balancers.h"

#include "controller/api/codec.h"

namespace libra::api {

Answer LoadBalancerRoutes::list(const Call& call) const {
  const bool deleted = call.request.parameter("status") == "DELETED";
  auto found = load_balancers_.list(call.caller.tenant, deleted);
  if (!found) return found.error();
  return http::Response{200, codec::writeList(*found)};
}

Answer LoadBalancerRoutes::create(const Call& call) const {
  auto wanted = codec::readLoadBalancer(call.request.body);
  if (!wanted) return wanted.error();
  wanted->tenant = call.caller.tenant;
  auto created = load_balancers_.create(*wanted);
  if (!created) return created.error();
  return http::Response{202, codec::writeCreated(*created, wanted->virtual_ip.has_value())};
}

Answer LoadBalancerRoutes::find(const Call& call, std::int64_t id) const {
  auto found = load_balancers_.find(call.caller.tenant, id);
  if (!found) return found.error();
  return http::Response{200, codec::writeDetail(*found)};
}

Answer LoadBalancerRoutes::change(const Call& call, std::int64_t id) const {
  auto wanted = codec::readLoadBalancerChange(call.request.body);
  if (!wanted) return wanted.error();
  auto changed = load_balancers_.change(call.caller.tenant, id, *wanted);
  if (!changed) return changed.error();
  return http::Response{202};
}

Answer LoadBalancerRoutes::remove(const Call& call, std::int64_t id) const {
  auto removed = load_balancers_.remove(call.caller.tenant, id);
  if (!removed) return removed.error();
  return http::Response{202};
}

}  // namespace libra::api
