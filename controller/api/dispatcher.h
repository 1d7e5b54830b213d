#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/api/call.h"
#include "controller/api/faults.h"
#include "controller/api/request_counters.h"
#include "lib/base/clock.h"
#include "lib/http/router.h"

namespace libra::api {

// From a request to its answer: who calls, which route, the handler, the fault if there is
// one, a line in the log and the counters. All versions of the API are route tables of one
// dispatcher. Add routes first; handle() and refuse() may then be called from any thread.
// handle() blocks as long as the handler and the identity service do, but never for an
// open route whose handler does not.
class Dispatcher {
 public:
  Dispatcher(Identity& identity, RequestCounters& counters, const Clock& clock)
      : identity_(identity), counters_(counters), clock_(clock) {}

  void add(std::string method, std::string_view pattern, Route route);
  // Failures below this path are told by `writer`; tenantFault everywhere else.
  void addFaults(std::string prefix, FaultWriter writer);

  http::Response handle(const http::Request& request, Instant arrived) const;
  http::Response refuse(const http::Request& request, Instant arrived, const Error& why) const;  // handled by nobody

 private:
  struct Served;
  Answer serve(const http::Request& request, const http::RouteTable::Match& match, Caller& caller) const;
  Access accessOf(const http::RouteTable::Match& match) const;
  Status admit(const http::Request& request, Access access, Caller& caller) const;
  http::Response faultOf(const http::Request& request, const Error& error) const;
  void record(const http::Request& request, const Served& served) const;

  Identity& identity_;
  RequestCounters& counters_;
  const Clock& clock_;
  http::Router<Route> router_;
  std::set<std::string, std::less<>> open_;  // patterns that need no token
  std::vector<std::pair<std::string, FaultWriter>> faults_;
};

}  // namespace libra::api
