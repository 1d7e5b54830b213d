#pragma once

#include "controller/service/store.h"
#include "controller/store/mysql/candidates.h"
#include "controller/store/mysql/connection.h"

namespace libra::store::mysql {

class DeviceTable final : public service::DeviceTable {
 public:
  DeviceTable(Connection& db, Candidates<model::Device>& spares) : db_(db), spares_(spares) {}

  std::int64_t insert(const model::NewDevice& device, Time now) override;
  std::optional<model::Device> find(std::int64_t id) override;
  std::optional<model::Device> findByName(std::string_view name) override;
  std::vector<model::Device> list() override;
  std::vector<model::Device> withStatus(model::DeviceStatus status, int most) override;
  std::map<model::DeviceStatus, int> counts() override;
  ZoneCounts countsByZone() override;
  int countSpares() override;
  service::Backlog backlog() override;

  std::optional<model::Device> claimSpare(const service::SpareWish& wish) override;
  bool setStatus(std::int64_t id, model::DeviceStatus from, model::DeviceStatus to) override;
  void setMaintenance(std::int64_t id, bool on) override;
  std::uint64_t raiseGeneration(std::int64_t id, std::uint64_t above) override;
  void postpone(std::int64_t id, std::int64_t target, Time until) override;
  std::vector<std::int64_t> endPostponed(std::int64_t target) override;
  std::optional<model::Device> lock(std::int64_t id) override;
  bool markApplied(std::int64_t id, std::uint64_t generation, model::DeviceStatus status) override;
  void recordFailure(std::int64_t id, std::uint64_t generation, std::string_view error, Time next_due) override;
  std::vector<std::int64_t> due(Time now, int most, model::Shards shards) override;
  void remove(std::int64_t id) override;

 private:
  std::optional<model::Device> claim(const std::string& needs, const service::SpareWish& wish,
                                     const service::SparePlace& place);
  bool take(model::Device& spare);

  Connection& db_;
  Candidates<model::Device>& spares_;
};

}  // namespace libra::store::mysql
