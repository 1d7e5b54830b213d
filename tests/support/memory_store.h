#pragma once

#include <map>
#include <mutex>

#include "controller/service/store.h"

namespace libra::test {

// What the memory store holds; a value, so that a rollback is an assignment.
struct MemoryRows {
  struct VipRow : model::VirtualIp {
    Time free_from{};
  };

  std::map<std::string, int, std::less<>> reserved;      // tenants
  std::map<std::string, int, std::less<>> tenant_limit;  // overrides
  std::map<std::string, int, std::less<>> limits = {{"maxLoadBalancerNameLength", 128},
                                                    {"maxVIPsPerLoadBalancer", 1},
                                                    {"maxNodesPerLoadBalancer", 50},
                                                    {"maxLoadBalancers", 20}};
  std::vector<model::PortRule> ports = {
      {Protocol::Http, 80}, {Protocol::Tcp, 443}, {Protocol::Tcp, 3306}, {Protocol::Galera, 3306}};
  std::map<std::int64_t, model::LoadBalancer> load_balancers;  // with nodes and monitor, without VIP
  std::map<std::int64_t, model::Device> devices;
  std::map<std::int64_t, VipRow> vips;
  std::vector<model::Event> events;
  std::vector<model::Audit> audits;
  std::vector<model::AdminUser> admin_users;
  std::map<std::string, model::Lease, std::less<>> leases;
  std::map<std::pair<std::string, std::string>, bool> votes;  // lost, by device and voter
  std::map<std::string, std::int64_t> counters;
  std::map<std::string, std::int64_t, std::less<>> positions;
  struct RequestRow : service::KnownRequest {
    Time created{};
  };
  std::map<std::pair<std::string, std::string>, RequestRow> requests;  // by tenant and key
  std::map<std::tuple<std::int64_t, std::uint64_t, std::int64_t>, model::LbUsageSample>
      usage;                                         // by device, sequence, LB
  std::map<std::int64_t, std::uint64_t> usage_told;  // by device
  std::int64_t last_id = 0;
};

// The store port in memory: one lock, one transaction at a time, an Error from the
// body undoes everything. Passes tests/contract/store. A body must not
// call transact() again (it would wait for itself).
class MemoryStore final : public service::Store {
 public:
  explicit MemoryStore(std::int64_t first_id = 1) { rows_.last_id = first_id - 1; }

  // Every body is run, undone and run again: finds bodies that may not be repeated.
  void runTwice(bool on) { run_twice_ = on; }
  // The next n transactions fail with this error, after their body ran and was undone.
  void failNext(int n, Error error = {ErrorCode::Unavailable, "The service is busy, try again"});

  // A look at and a change to everything, for tests.
  MemoryRows rows();
  void edit(const std::function<void(MemoryRows&)>& change);

 protected:
  Status run(const std::function<Status(service::Txn&)>& body) override;

 private:
  std::mutex mutex_;
  MemoryRows rows_;
  bool run_twice_ = false;
  int failures_ = 0;
  Error failure_{ErrorCode::Unavailable, ""};
};

}  // namespace libra::test
