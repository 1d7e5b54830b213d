#pragma once

#include "controller/service/store.h"
#include "controller/store/mysql/connection.h"

namespace libra::store::mysql {

class TenantTable final : public service::TenantTable {
 public:
  explicit TenantTable(Connection& db) : db_(db) {}

  bool reserveLoadBalancer(std::string_view tenant, int limit) override;
  void releaseLoadBalancer(std::string_view tenant) override;

 private:
  Connection& db_;
};

}  // namespace libra::store::mysql
