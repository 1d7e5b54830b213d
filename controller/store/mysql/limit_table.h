#pragma once

#include "controller/service/store.h"
#include "controller/store/mysql/connection.h"

namespace libra::store::mysql {

class LimitTable final : public service::LimitTable {
 public:
  explicit LimitTable(Connection& db) : db_(db) {}

  model::Limits limits(std::string_view tenant) override;
  std::vector<model::PortRule> ports() override;

  std::map<std::string, int> global() override;
  bool setGlobal(std::string_view name, int value) override;
  std::optional<int> maxLoadBalancers(std::string_view tenant) override;
  void setMaxLoadBalancers(std::string_view tenant, std::optional<int> value) override;

 private:
  Connection& db_;
};

}  // namespace libra::store::mysql
