#include "controller/store/mysql/tenant_table.h"

namespace libra::store::mysql {

bool TenantTable::reserveLoadBalancer(std::string_view tenant, int limit) {
  const auto raise = [&] {
    constexpr auto kRaise =
        "UPDATE tenants SET load_balancers = load_balancers + 1 WHERE name = ? AND load_balancers < ?";
    return db_.change(kRaise, tenant, limit).rows == 1;
  };
  if (raise()) return true;
  // At the limit, or the tenant's first: make sure there is a row to write, then ask again.
  db_.change("INSERT INTO tenants (name) VALUES (?) ON DUPLICATE KEY UPDATE name = VALUES(name)", tenant);
  return raise();
}

void TenantTable::releaseLoadBalancer(std::string_view tenant) {
  db_.change("UPDATE tenants SET load_balancers = load_balancers - 1 WHERE name = ? AND load_balancers > 0", tenant);
}

}  // namespace libra::store::mysql
