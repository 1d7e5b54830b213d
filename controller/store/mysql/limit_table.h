#pragma once

#include "controller/service/store.h"
#include "controller/store/mysql/connection.h"

namespace libra::store::mysql {

class LimitTable final : public service::LimitTable {
 public:
  explicit LimitTable(Connection& db) : db_(db) {}

  model::Limits limits(std::string_view tenant) override;
  std::vector<model::PortRule> ports() override;

 private:
  Connection& db_;
};

}  // namespace libra::store::mysql
