#include "controller/api/virtual_ips.h"

#include "controller/api/codec.h"

namespace libra::api {

Answer VirtualIpRoutes::list(const Call& call, std::int64_t lb) const {
  auto found = load_balancers_.virtualIp(call.caller.tenant, lb);
  if (!found) return found.error();
  return http::Response{200, codec::writeVirtualIps(*found)};
}

}  // namespace libra::api
