#include "controller/service/limits_admin.h"

#include <limits>

namespace libra::service {

namespace {

constexpr std::size_t kLongestTenant = 128;

bool isLimit(std::int64_t value) { return value >= 0 && value <= std::numeric_limits<int>::max(); }

Error notValid(const std::string& name) { return {ErrorCode::Invalid, "Invalid value for limit: " + name}; }

}  // namespace

Result<std::map<std::string, int>> LimitsAdmin::all() {
  return store_.transact([](Txn& txn) -> Result<std::map<std::string, int>> { return txn.limits().global(); });
}

Status LimitsAdmin::set(const Wanted& limits) {
  return store_.transact([&](Txn& txn) -> Status {
    const auto known = txn.limits().global();
    for (const auto& [name, value] : limits) {
      if (!known.contains(name)) return Error{ErrorCode::Invalid, "Limit not found: " + name};
      if (!value || !isLimit(*value)) return notValid(name);
      txn.limits().setGlobal(name, static_cast<int>(*value));
    }
    return ok();
  });
}

Result<std::optional<int>> LimitsAdmin::maxLoadBalancers(const std::string& tenant) {
  return store_.transact([&](Txn& txn) -> Result<std::optional<int>> { return txn.limits().maxLoadBalancers(tenant); });
}

Status LimitsAdmin::setMaxLoadBalancers(const std::string& tenant, std::optional<std::int64_t> value) {
  if (value && !isLimit(*value)) return notValid("maxLoadBalancers");
  if (tenant.size() > kLongestTenant) return Error{ErrorCode::Invalid, "Tenant ID is too long"};
  return store_.transact([&](Txn& txn) -> Status {
    txn.limits().setMaxLoadBalancers(tenant, value ? std::optional(static_cast<int>(*value)) : std::nullopt);
    return ok();
  });
}

}  // namespace libra::service
