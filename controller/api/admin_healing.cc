#include "controller/api/admin_healing.h"

#include "controller/api/admin_codec.h"

namespace libra::api {

Answer AdminHealingRoutes::failOver(const Call& call, std::int64_t device) const {
  const auto& id = call.path["device"];
  if (device == 0) return Error{ErrorCode::NotFound, "Device " + id + " not found"};
  const auto target = healer_.failOver(device);
  if (!target) return target.error();
  return http::Response{200, codec::writeRebuilt(id, target->id)};
}

Answer AdminHealingRoutes::breaker(const Call&) const {
  return http::Response{200, codec::writeBreaker(healer_.breaker().state())};
}

Answer AdminHealingRoutes::setBreaker(const Call& call) const {
  const auto open = codec::readBreaker(call.request.body);
  if (!open) return open.error();
  if (*open) return Error{ErrorCode::Invalid, "The breaker opens by itself"};
  healer_.breaker().closeByHand();
  healer_.tick();
  return http::Response{204};
}

}  // namespace libra::api
