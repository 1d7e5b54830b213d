#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "controller/service/store.h"

namespace libra::service {

// The limits of all tenants and of one (spec/libra.md 3.5). Error messages are the spec's
// fault strings. Thread-safe.
class LimitsAdmin {
 public:
  explicit LimitsAdmin(Store& store) : store_(store) {}

  Result<std::map<std::string, int>> all();
  // In their order; none is changed when one of them is refused. No value: it was no number.
  using Wanted = std::vector<std::pair<std::string, std::optional<std::int64_t>>>;
  Status set(const Wanted& limits);

  Result<std::optional<int>> maxLoadBalancers(const std::string& tenant);  // its override, if there is one
  Status setMaxLoadBalancers(const std::string& tenant, std::optional<std::int64_t> value);

 private:
  Store& store_;
};

}  // namespace libra::service
