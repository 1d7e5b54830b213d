#include "controller/store/mysql/limit_table.h"

namespace libra::store::mysql {

model::Limits LimitTable::limits(std::string_view tenant) {
  model::Limits limits;
  const std::map<std::string_view, int*> places = {{"maxLoadBalancerNameLength", &limits.max_name_length},
                                                   {"maxVIPsPerLoadBalancer", &limits.max_vips_per_load_balancer},
                                                   {"maxNodesPerLoadBalancer", &limits.max_nodes_per_load_balancer},
                                                   {"maxLoadBalancers", &limits.max_load_balancers}};
  // The tenant's own comes last and wins; 0 and NULL mean that there is none.
  db_.each(
      "SELECT 0 AS own, name, value FROM global_limits UNION ALL "
      "SELECT 1, 'maxLoadBalancers', max_load_balancers FROM tenants WHERE name = ? AND max_load_balancers > 0 "
      "ORDER BY own",
      [&](Row& row) {
        std::string name;
        int value;
        row.skip(1);
        row.read(name, value);
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

}  // namespace libra::store::mysql
