#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "lib/base/locked.h"
#include "lib/metrics/histogram.h"

namespace libra::api {

// Requests answered since the start, for the metrics. Thread-safe; a request like one seen
// before allocates nothing. Labels stay few whatever callers send: unknown paths and
// methods count as "other".
class RequestCounters {
 public:
  struct Sum {
    std::map<int, std::uint64_t> by_status;
    metrics::Histogram time;
  };

  // `route` is the pattern, "/v1.1/loadbalancers/{lb}"; "" for a path that is unknown.
  void add(std::string_view route, std::string_view method, int status, std::chrono::nanoseconds took);

  // In the order of routes and methods; requests wait meanwhile.
  void each(const std::function<void(std::string_view route, std::string_view method, const Sum&)>& visit);
  const metrics::Histogram& accepted() const { return accepted_; }  // those answered 202: a change begins

 private:
  struct Key {
    std::string route, method;
  };
  struct Seen {
    std::string_view route, method;
  };
  struct Order {
    using is_transparent = void;
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return std::tuple<std::string_view, std::string_view>(a.route, a.method) <
             std::tuple<std::string_view, std::string_view>(b.route, b.method);
    }
  };

  Locked<std::map<Key, Sum, Order>> sums_;
  metrics::Histogram accepted_;
};

}  // namespace libra::api
