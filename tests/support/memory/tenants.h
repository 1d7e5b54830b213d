#pragma once

// Tenants and limits in memory.

#include "tests/support/memory/tables.h"

namespace libra::test::memory {

class Tenants final : public service::TenantTable, MemoryTables {
 public:
  using MemoryTables::MemoryTables;
  bool reserveLoadBalancer(std::string_view tenant, int limit) override {
    int& count = rows.reserved[std::string(tenant)];
    if (count >= limit) return false;
    ++count;
    return true;
  }
  void releaseLoadBalancer(std::string_view tenant) override {
    auto it = rows.reserved.find(tenant);
    if (it != rows.reserved.end() && it->second > 0) --it->second;
  }
};

class LimitRows final : public service::LimitTable, MemoryTables {
 public:
  using MemoryTables::MemoryTables;
  Limits limits(std::string_view tenant) override {
    Limits limits{rows.limits.at("maxLoadBalancerNameLength"), rows.limits.at("maxVIPsPerLoadBalancer"),
                  rows.limits.at("maxNodesPerLoadBalancer"), rows.limits.at("maxLoadBalancers"), 0};
    auto it = rows.tenant_limit.find(tenant);
    if (it != rows.tenant_limit.end() && it->second > 0) limits.max_load_balancers = it->second;
    if (const auto taken = rows.reserved.find(tenant); taken != rows.reserved.end())
      limits.load_balancers = taken->second;
    return limits;
  }
  std::vector<PortRule> ports() override { return rows.ports; }
  std::map<std::string, int> global() override { return {rows.limits.begin(), rows.limits.end()}; }
  bool setGlobal(std::string_view name, int value) override {
    auto it = rows.limits.find(name);
    if (it == rows.limits.end()) return false;
    it->second = value;
    return true;
  }
  std::optional<int> maxLoadBalancers(std::string_view tenant) override {
    auto it = rows.tenant_limit.find(tenant);
    return it == rows.tenant_limit.end() ? std::nullopt : std::optional(it->second);
  }
  void setMaxLoadBalancers(std::string_view tenant, std::optional<int> value) override {
    rows.tenant_limit.erase(std::string(tenant));
    if (value) rows.tenant_limit.emplace(tenant, *value);
  }
};

}  // namespace libra::test::memory
