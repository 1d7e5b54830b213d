#include "controller/api/admin_vips.h"

#include "controller/api/admin_codec.h"

namespace libra::api {

namespace {

Error missing(const Call& call) { return {ErrorCode::NotFound, "Virtual IP " + call.path["vip"] + " not found"}; }

}  // namespace

Answer AdminVipRoutes::list(const Call&) const {
  const auto held = vips_.list();
  if (!held) return held.error();
  return http::Response{200, codec::writeVips(*held)};
}

Answer AdminVipRoutes::find(const Call& call, std::int64_t id) const {
  if (id == 0) return missing(call);
  const auto vip = vips_.find(id);
  if (!vip) return vip.error();
  return http::Response{200, codec::writeVip(*vip)};
}

Answer AdminVipRoutes::move(const Call& call, std::int64_t id) const {
  if (id == 0) return missing(call);
  const auto spare = codec::readTarget(call.request.body);
  if (!spare) return spare.error();
  const auto moved = vips_.move(id, *spare);
  if (!moved) return moved.error();
  return http::Response{200, codec::writeRebuilt(std::to_string(moved->from), moved->to)};
}

}  // namespace libra::api
