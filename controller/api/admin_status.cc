#include "controller/api/admin_status.h"

#include <limits>

#include "controller/api/admin_call.h"

namespace libra::api {

namespace {

constexpr auto kNewest = std::numeric_limits<std::int64_t>::max();
constexpr int kMostEvents = 1000;

}  // namespace

Answer AdminStatusRoutes::pool(const Call&) const {
  const auto census = service::takeCensus(store_, clock_);
  if (!census) return census.error();
  return http::Response{200, codec::writePool(*census)};
}

Answer AdminStatusRoutes::servers(const Call&) const {
  return http::Response{200, codec::writeServers(probes_.databases(), probes_.job_servers())};
}

Answer AdminStatusRoutes::counters(const Call&) const {
  const auto counters = journal_.counters();
  if (!counters) return counters.error();
  return http::Response{200, codec::writeCounters(*counters)};
}

Answer AdminStatusRoutes::limits(const Call&) const {
  const auto limits = limits_.all();
  if (!limits) return limits.error();
  return http::Response{200, codec::writeAllLimits(*limits)};
}

Answer AdminStatusRoutes::setLimits(const Call& call) const {
  const auto wanted = codec::readLimits(call.request.body);
  if (!wanted) return wanted.error();
  if (auto set = limits_.set(*wanted); !set) return set.error();
  return http::Response{204};
}

Answer AdminStatusRoutes::tenantLimit(const Call& call) const {
  const auto limit = limits_.maxLoadBalancers(call.path["tenant"]);
  if (!limit) return limit.error();
  return http::Response{200, codec::writeTenantLimit(*limit)};
}

Answer AdminStatusRoutes::setTenantLimit(const Call& call) const {
  const auto wanted = codec::readTenantLimit(call.request.body);
  if (!wanted) return wanted.error();
  if (auto set = limits_.setMaxLoadBalancers(call.path["tenant"], *wanted); !set) return set.error();
  return http::Response{204};
}

Answer AdminStatusRoutes::events(const Call& call) const {
  return eventsOf(call, call.request.parameter("object").value_or(""));
}

Answer AdminStatusRoutes::eventsOf(const Call& call, const std::string& object) const {
  const auto page = pageOf(call, kNewest, kMostEvents);
  if (!page) return page.error();
  const auto events = journal_.events(object, page->marker, page->limit);
  if (!events) return events.error();
  return http::Response{200, codec::writeEvents(*events)};
}

Answer AdminStatusRoutes::audits(const Call& call) const {
  const auto page = pageOf(call, kNewest, kMostEvents);
  if (!page) return page.error();
  const auto audits = journal_.audits(page->marker, page->limit);
  if (!audits) return audits.error();
  return http::Response{200, codec::writeAudits(*audits)};
}

}  // namespace libra::api
