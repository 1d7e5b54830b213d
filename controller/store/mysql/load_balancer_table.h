#pragma once

#include "controller/service/store.h"
#include "controller/store/mysql/connection.h"

namespace libra::store::mysql {

class LoadBalancerTable final : public service::LoadBalancerTable {
 public:
  explicit LoadBalancerTable(Connection& db) : db_(db) {}

  std::vector<model::LoadBalancer> list(std::string_view tenant, bool deleted) override;
  std::optional<model::LoadBalancer> find(std::string_view tenant, std::int64_t id) override;
  std::vector<model::LoadBalancer> listAll() override;
  std::optional<model::LoadBalancer> findAny(std::int64_t id) override;
  std::vector<model::LoadBalancer> onDevice(std::int64_t device) override;

  model::LoadBalancer insert(const model::NewLoadBalancer& wanted, std::int64_t device, std::uint64_t generation,
                             Time now, Time deadline) override;
  void change(std::int64_t id, const std::optional<std::string>& name, const std::optional<Algorithm>& algorithm,
              const model::Options& given) override;
  bool setStatus(std::int64_t id, model::LbStatus from, model::LbStatus to, std::string_view description) override;
  void setPending(std::int64_t id, std::uint64_t generation, Time now, Time deadline) override;
  void moveTo(std::int64_t id, std::int64_t device) override;
  void markDeleted(std::int64_t id, Time now) override;
  int expunge(Time before, int most) override;

  std::vector<model::Node> addNodes(std::int64_t id, const std::vector<model::NewNode>& nodes) override;
  bool changeNode(std::int64_t id, std::int64_t node, std::optional<bool> enabled, std::optional<int> weight) override;
  bool removeNode(std::int64_t id, std::int64_t node) override;
  bool reportNode(std::int64_t node, bool up) override;

  void putMonitor(std::int64_t id, const model::HealthMonitor& monitor) override;
  void removeMonitor(std::int64_t id) override;

  std::vector<std::pair<std::int64_t, std::int64_t>> overdue(Time now, int most) override;
  std::map<model::LbStatus, int> counts() override;
  std::optional<Time> oldestPending() override;

 private:
  Connection& db_;
};

}  // namespace libra::store::mysql
