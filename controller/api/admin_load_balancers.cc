#include "controller/api/admin_load_balancers.h"

#include <algorithm>

#include "controller/api/admin_call.h"
#include "controller/api/admin_codec.h"

namespace libra::api {

using model::LbStatus;

namespace {

Result<std::optional<LbStatus>> statusParameter(const Call& call) {
  const auto text = call.request.parameter("status");
  if (!text) return std::optional<LbStatus>();
  for (const auto status : {LbStatus::Active, LbStatus::Build, LbStatus::Degraded, LbStatus::Error})
    if (*text == name(status)) return std::optional(status);
  return Error{ErrorCode::Invalid, "Invalid status: " + *text};
}

Error missing(const Call& call) {
  return {ErrorCode::NotFound, "Loadbalancer " + call.path["loadbalancer"] + " not found"};
}

constexpr std::int64_t kFarAway = 4'000'000'000;  // Unix time
constexpr int kMostSamples = 1000;

}  // namespace

Answer AdminLoadBalancerRoutes::list(const Call& call) const {
  const auto status = statusParameter(call);
  if (!status) return status.error();
  const auto vip = vipParameter(call);
  if (!vip) return vip.error();
  const auto& request = call.request;
  const auto found = load_balancers_.list(
      {*status, request.parameter("tenant"), request.parameter("name"), request.parameter("ip"), *vip});
  if (!found) return found.error();
  return http::Response{200, codec::writeLoadBalancers(*found)};
}

Answer AdminLoadBalancerRoutes::find(const Call& call, std::int64_t id) const {
  if (id == 0) return missing(call);
  const auto found = load_balancers_.find(id);
  if (!found) return found.error();
  return http::Response{200, codec::writeLoadBalancer(*found)};
}

// The marker is the Unix time before which the periods began.
Answer AdminLoadBalancerRoutes::usage(const Call& call, std::int64_t id) const {
  if (id == 0) return missing(call);
  const auto page = pageOf(call, kFarAway, kMostSamples);
  if (!page) return page.error();
  const Time before{std::chrono::seconds(std::clamp<std::int64_t>(page->marker, 0, kFarAway))};
  const auto samples = load_balancers_.usage(id, before, page->limit);
  if (!samples) return samples.error();
  return http::Response{200, codec::writeUsage(*samples)};
}

Answer AdminLoadBalancerRoutes::remove(const Call& call, std::int64_t id) const {
  if (id == 0) return missing(call);
  if (auto removed = load_balancers_.remove(id); !removed) return removed.error();
  return http::Response{204};
}

}  // namespace libra::api
