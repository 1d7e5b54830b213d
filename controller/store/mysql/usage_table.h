#pragma once

#include "controller/service/store.h"
#include "controller/store/mysql/connection.h"

namespace libra::store::mysql {

class UsageTable final : public service::UsageTable {
 public:
  explicit UsageTable(Connection& db) : db_(db) {}

  void add(const model::UsageReport& report) override;
  std::uint64_t lastSequence(std::int64_t device) override;
  std::vector<model::LbUsageSample> ofLoadBalancer(std::int64_t id, Time before, int most) override;
  int forget(Time before, int most) override;

 private:
  Connection& db_;
};

}  // namespace libra::store::mysql
