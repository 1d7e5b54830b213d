#include "controller/api/health_monitor.h"

#include "controller/api/codec.h"

namespace libra::api {

Answer HealthMonitorRoutes::find(const Call& call, std::int64_t lb) const {
  auto found = monitors_.find(call.caller.tenant, lb);
  if (!found) return found.error();
  return http::Response{200, codec::writeMonitor(*found)};
}

Answer HealthMonitorRoutes::put(const Call& call, std::int64_t lb) const {
  auto wanted = codec::readMonitor(call.request.body);
  if (!wanted) return wanted.error();
  auto accepted = monitors_.put(call.caller.tenant, lb, *wanted);
  if (!accepted) return accepted.error();
  return http::Response{202, codec::writeMonitorAccepted(*accepted)};
}

Answer HealthMonitorRoutes::reset(const Call& call, std::int64_t lb) const {
  auto done = monitors_.reset(call.caller.tenant, lb);
  if (!done) return done.error();
  return http::Response{202};
}

}  // namespace libra::api
