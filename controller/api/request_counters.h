#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <string>

#include "lib/base/locked.h"

namespace libra::api {

// Requests answered since the start, for the metrics. Thread-safe. Labels stay few
// whatever callers send: unknown paths and methods count as "other".
class RequestCounters {
 public:
  struct Key {
    std::string route;  // the pattern, "/v1.1/loadbalancers/{lb}"
    std::string method;
    int status = 0;
    auto operator<=>(const Key&) const = default;
  };
  struct Sum {
    std::uint64_t requests = 0;
    std::chrono::nanoseconds time{0};
  };

  void add(Key key, std::chrono::nanoseconds took);
  std::map<Key, Sum> snapshot() { return *sums_.lock(); }

 private:
  Locked<std::map<Key, Sum>> sums_;
};

}  // namespace libra::api
