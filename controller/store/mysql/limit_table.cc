#include "controller/store/mysql/limit_table.h"

namespace libra::store::mysql {

model::Limits LimitTable::limits(std::string_view tenant) {
  model::Limits limits;
  const std::map<std::string_view, int*> places = {{"maxLoadBalancerNameLength", &limits.max_name_length},
                                                   {"maxVIPsPerLoadBalancer", &limits.max_vips_per_load_balancer},
                                                   {"maxNodesPerLoadBalancer", &limits.max_nodes_per_load_balancer},
                                                   {"maxLoadBalancers", &limits.max_load_balancers}};
  // The tenant's own wins; 0 and NULL mean that there is none.
  db_.each(
      "SELECT g.name, IF(g.name = 'maxLoadBalancers' AND t.max_load_balancers > 0, t.max_load_balancers, g.value), "
      "t.load_balancers FROM global_limits g LEFT JOIN tenants t ON t.name = ?",
      [&](Row& row) {
        std::string name;
        int value;
        std::optional<int> taken;
        row.read(name, value, taken);
        limits.load_balancers = taken.value_or(0);
        if (const auto place = places.find(name); place != places.end()) *place->second = value;
      },
      tenant);
  return limits;
}

std::vector<model::PortRule> LimitTable::ports() {
  return db_.all(
      "SELECT protocol, port FROM ports WHERE enabled ORDER BY id", +[](Row& row) {
        model::PortRule rule;
        row.read(rule.protocol, rule.port);
        return rule;
      });
}

std::map<std::string, int> LimitTable::global() {
  std::map<std::string, int> limits;
  db_.each("SELECT name, value FROM global_limits", [&](Row& row) {
    std::string name;
    int value;
    row.read(name, value);
    limits.emplace(std::move(name), value);
  });
  return limits;
}

bool LimitTable::setGlobal(std::string_view name, int value) {
  return db_.change("UPDATE global_limits SET value = ? WHERE name = ?", value, name).rows == 1;
}

std::optional<int> LimitTable::maxLoadBalancers(std::string_view tenant) {
  const auto found = db_.one(
      "SELECT max_load_balancers FROM tenants WHERE name = ?",
      +[](Row& row) {
        std::optional<int> value;
        row.read(value);
        return value;
      },
      tenant);
  return found.value_or(std::nullopt);
}

void LimitTable::setMaxLoadBalancers(std::string_view tenant, std::optional<int> value) {
  db_.change(
      "INSERT INTO tenants (name, max_load_balancers) VALUES (?, ?) "
      "ON DUPLICATE KEY UPDATE max_load_balancers = VALUES(max_load_balancers)",
      tenant, value);
}

}  // namespace libra::store::mysql
