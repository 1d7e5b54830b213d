#pragma once

#include "controller/service/store.h"
#include "controller/store/mysql/connection.h"

namespace libra::store::mysql {

class AdminUserTable final : public service::AdminUserTable {
 public:
  explicit AdminUserTable(Connection& db) : db_(db) {}

  std::vector<model::AdminUser> list() override;
  std::optional<model::AdminUser> find(std::string_view tenant) override;
  bool insert(const model::AdminUser& user) override;
  bool setLevel(std::string_view tenant, model::AdminLevel level) override;
  bool remove(std::string_view tenant) override;

 private:
  Connection& db_;
};

}  // namespace libra::store::mysql
