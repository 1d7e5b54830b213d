#pragma once

#include "controller/service/store.h"
#include "controller/store/mysql/candidates.h"
#include "controller/store/mysql/connection.h"

namespace libra::store::mysql {

class VipTable final : public service::VipTable {
 public:
  VipTable(Connection& db, Candidates<model::VirtualIp>& free) : db_(db), free_(free) {}

  std::int64_t insert(const NetAddress& address, int prefix) override;
  std::optional<model::VirtualIp> claimFree(std::int64_t device, Time now) override;
  std::optional<model::VirtualIp> findFree(Time now) override;
  std::optional<model::VirtualIp> find(std::int64_t id) override;
  std::vector<model::VirtualIp> ofDevice(std::int64_t device) override;
  std::optional<model::VirtualIp> findByAddress(const NetAddress& address) override;
  std::vector<model::VirtualIp> held() override;
  void moveTo(std::int64_t id, std::int64_t device) override;
  void release(std::int64_t id, Time free_from) override;
  int countFree(Time now) override;
  Counts counts(Time now) override;

 private:
  bool take(model::VirtualIp& vip, std::int64_t device, Time now);

  Connection& db_;
  Candidates<model::VirtualIp>& free_;
};

}  // namespace libra::store::mysql
