#include "controller/api/dispatcher.h"

#include <algorithm>
#include <chrono>

#include "lib/log/log.h"

namespace libra::api {

namespace {

constexpr log::Logger kLog{"api"};

Status checkParameters(const Route& route, const http::Request& request) {
  if (!route.parameters || request.query.empty()) return ok();
  const auto& known = *route.parameters;
  for (const auto& [name, value] : request.parameters())
    if (std::find(known.begin(), known.end(), name) == known.end())
      return Error{ErrorCode::Invalid, "Unknown argument: \"" + name + "\""};
  return ok();
}

bool isBelow(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

std::string targetOf(const http::Request& request) {
  return request.query.empty() ? request.path : request.path + "?" + request.query;
}

}  // namespace

// How a request ended, for the log and the counters.
struct Dispatcher::Served {
  std::string_view pattern;
  std::string_view tenant;
  int status;
  Instant arrived;
};

void Dispatcher::add(std::string method, std::string_view pattern, Route route) {
  if (route.access == Access::Open) open_.emplace(pattern);
  router_.add(std::move(method), pattern, std::move(route));
}

void Dispatcher::addFaults(std::string prefix, FaultWriter writer) { faults_.emplace_back(std::move(prefix), writer); }

http::Response Dispatcher::handle(const http::Request& request, Instant arrived) const {
  const log::Scope scope(request.id);
  const auto match = router_.match(request.method, request.path);
  Caller caller;
  auto answer = serve(request, match, caller);
  auto response = answer ? *std::move(answer) : faultOf(request, answer.error());
  if (response.status == 405) response = withAllow(std::move(response), match.allow);
  record(request, {match.pattern, caller.tenant, response.status, arrived});
  return response;
}

http::Response Dispatcher::refuse(const http::Request& request, Instant arrived, const Error& why) const {
  const log::Scope scope(request.id);
  auto response = faultOf(request, why);
  record(request, {"", "", response.status, arrived});
  return response;
}

Answer Dispatcher::serve(const http::Request& request, const http::RouteTable::Match& match, Caller& caller) const {
  using Kind = http::RouteTable::Match::Kind;
  if (auto admitted = admit(request, accessOf(match), caller); !admitted) return admitted.error();
  if (match.kind == Kind::UnknownPath) return Error{ErrorCode::NotFound, ""};
  if (match.kind == Kind::MethodNotAllowed)
    return Error{ErrorCode::NotAllowed, "Method " + request.method + " is not allowed"};
  const Route& route = router_.handler(match);
  if (auto checked = checkParameters(route, request); !checked) return checked.error();
  return route.handler({request, caller, match.values});
}

// Whether a path exists is told to callers with a token only.
Access Dispatcher::accessOf(const http::RouteTable::Match& match) const {
  if (match.kind == http::RouteTable::Match::Kind::Found) return router_.handler(match).access;
  return open_.contains(match.pattern) ? Access::Open : Access::Token;
}

Status Dispatcher::admit(const http::Request& request, Access access, Caller& caller) const {
  if (access == Access::Open) return ok();
  auto known = identity_.identify(std::string(request.headers.get("X-Auth-Token")));
  if (!known) return known.error();
  caller = *std::move(known);
  if (access == Access::Tenant && caller.tenant.empty())
    return Error{ErrorCode::Unauthorized, "No tenant ID provided by authentication system"};
  return ok();
}

http::Response Dispatcher::faultOf(const http::Request& request, const Error& error) const {
  if (!error.detail.empty()) kLog.warn("{} {}: {}", request.method, request.path, error.detail);
  for (const auto& [prefix, writer] : faults_)
    if (isBelow(request.path, prefix)) return writer(error);
  return tenantFault(error);
}

void Dispatcher::record(const http::Request& request, const Served& served) const {
  const auto took = clock_.monotonic() - served.arrived;
  counters_.add(served.pattern, request.method, served.status, took);
  kLog.info("{} {} {} {:.1f} ms {} {}", request.method, targetOf(request), served.status,
            std::chrono::duration<double, std::milli>(took).count(), request.remote ? request.remote->str() : "-",
            served.tenant.empty() ? "-" : served.tenant);
}

}  // namespace libra::api
