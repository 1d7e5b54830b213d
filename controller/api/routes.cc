#include "controller/api/routes.h"

#include "controller/api/discovery.h"
#include "controller/api/health_monitor.h"
#include "controller/api/limits.h"
#include "controller/api/load_balancers.h"
#include "controller/api/logs.h"
#include "controller/api/nodes.h"
#include "controller/api/virtual_ips.h"

namespace libra::api {

namespace {

template <typename Routes>
Handler to(Routes routes, Answer (Routes::*handler)(const Call&) const) {
  return [=](const Call& call) { return (routes.*handler)(call); };
}

// With the ids of the path. A load balancer's that is none leads nowhere, a node's names no row.
template <typename Routes>
Handler to(Routes routes, Answer (Routes::*handler)(const Call&, std::int64_t lb) const) {
  return [=](const Call& call) -> Answer {
    const auto lb = idOf(call.path["lb"]);
    if (lb == 0) return Error{ErrorCode::NotFound, ""};
    return (routes.*handler)(call, lb);
  };
}

template <typename Routes>
Handler to(Routes routes, Answer (Routes::*handler)(const Call&, std::int64_t lb, std::int64_t node) const) {
  return [=](const Call& call) -> Answer {
    const auto lb = idOf(call.path["lb"]);
    if (lb == 0) return Error{ErrorCode::NotFound, ""};
    return (routes.*handler)(call, lb, idOf(call.path["node"]));
  };
}

}  // namespace

// spec/libra.md 1.5.
void addTenantRoutes(Dispatcher& dispatcher, const Services& services) {
  using Lbs = LoadBalancerRoutes;
  using Nodes = NodeRoutes;
  using Monitor = HealthMonitorRoutes;
  const Lbs lbs(services.load_balancers);
  const Nodes nodes(services.nodes);
  const Monitor monitor(services.health_monitors);
  const LimitRoutes limits(services.load_balancers);
  const VirtualIpRoutes vips(services.load_balancers);
  const LogRoutes logs(services.load_balancers);

  constexpr auto kOpen = Access::Open;
  constexpr auto kToken = Access::Token;
  constexpr auto kTenant = Access::Tenant;
  const std::vector<std::string> none;
  const std::vector<std::string> status{"status"};
  const auto add = [&](const char* method, const char* path, Route route) {
    const bool writes = std::string_view(method) != "GET" && route.access == kTenant;
    if (writes) route.handler = services.repeatable.over(std::move(route.handler));
    dispatcher.add(method, path, std::move(route));
  };

  for (const char* any : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) add(any, "/", {versionList, kOpen});
  add("GET", "/v1.1", {tenantVersion, kOpen});
  add("GET", "/v1.1/algorithms", {to(limits, &LimitRoutes::algorithms), kToken});
  add("GET", "/v1.1/protocols", {to(limits, &LimitRoutes::protocols), kToken});
  add("GET", "/v1.1/limits", {to(limits, &LimitRoutes::limits), kTenant});
  add("GET", "/v1.1/loadbalancers", {to(lbs, &Lbs::list), kTenant, status});
  add("POST", "/v1.1/loadbalancers", {to(lbs, &Lbs::create), kTenant, none});
  add("GET", "/v1.1/loadbalancers/{lb}", {to(lbs, &Lbs::find), kTenant, status});
  add("PUT", "/v1.1/loadbalancers/{lb}", {to(lbs, &Lbs::change), kTenant, none});
  add("DELETE", "/v1.1/loadbalancers/{lb}", {to(lbs, &Lbs::remove), kTenant, none});
  add("GET", "/v1.1/loadbalancers/{lb}/nodes", {to(nodes, &Nodes::list), kTenant, none});
  add("POST", "/v1.1/loadbalancers/{lb}/nodes", {to(nodes, &Nodes::add), kTenant, none});
  add("GET", "/v1.1/loadbalancers/{lb}/nodes/{node}", {to(nodes, &Nodes::find), kTenant, none});
  add("PUT", "/v1.1/loadbalancers/{lb}/nodes/{node}", {to(nodes, &Nodes::change), kTenant, none});
  add("DELETE", "/v1.1/loadbalancers/{lb}/nodes/{node}", {to(nodes, &Nodes::remove), kTenant, none});
  add("GET", "/v1.1/loadbalancers/{lb}/healthmonitor", {to(monitor, &Monitor::find), kTenant, none});
  add("PUT", "/v1.1/loadbalancers/{lb}/healthmonitor", {to(monitor, &Monitor::put), kTenant, none});
  add("DELETE", "/v1.1/loadbalancers/{lb}/healthmonitor", {to(monitor, &Monitor::reset), kTenant, none});
  add("GET", "/v1.1/loadbalancers/{lb}/virtualips", {to(vips, &VirtualIpRoutes::list), kTenant});
  add("POST", "/v1.1/loadbalancers/{lb}/logs", {to(logs, &LogRoutes::archive), kTenant, none});
}

}  // namespace libra::api
