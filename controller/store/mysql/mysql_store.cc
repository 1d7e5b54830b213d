#include "controller/store/mysql/mysql_store.h"

#include <map>
#include <thread>

#include "controller/store/mysql/admin_user_table.h"
#include "controller/store/mysql/device_table.h"
#include "controller/store/mysql/journal_table.h"
#include "controller/store/mysql/lease_table.h"
#include "controller/store/mysql/limit_table.h"
#include "controller/store/mysql/load_balancer_table.h"
#include "controller/store/mysql/request_table.h"
#include "controller/store/mysql/session.h"
#include "controller/store/mysql/tenant_table.h"
#include "controller/store/mysql/usage_table.h"
#include "controller/store/mysql/vip_table.h"
#include "controller/store/mysql/vote_table.h"
#include "lib/base/backoff.h"
#include "lib/log/log.h"

namespace libra::store::mysql {

namespace {

constexpr log::Logger kLog{"store"};
constexpr Backoff kBackoff{std::chrono::milliseconds(4), std::chrono::milliseconds(500)};

class MysqlTxn final : public service::Txn {
 public:
  MysqlTxn(Connection& db, Cluster& cluster)
      : tenants_(db),
        limits_(db),
        load_balancers_(db),
        devices_(db, cluster.spares),
        vips_(db, cluster.free_vips),
        journal_(db),
        admin_users_(db),
        leases_(db),
        votes_(db),
        requests_(db),
        usage_(db) {}

  service::TenantTable& tenants() override { return tenants_; }
  service::LimitTable& limits() override { return limits_; }
  service::LoadBalancerTable& loadBalancers() override { return load_balancers_; }
  service::DeviceTable& devices() override { return devices_; }
  service::VipTable& vips() override { return vips_; }
  service::JournalTable& journal() override { return journal_; }
  service::AdminUserTable& adminUsers() override { return admin_users_; }
  service::LeaseTable& leases() override { return leases_; }
  service::VoteTable& votes() override { return votes_; }
  service::RequestTable& requests() override { return requests_; }
  service::UsageTable& usage() override { return usage_; }

 private:
  TenantTable tenants_;
  LimitTable limits_;
  LoadBalancerTable load_balancers_;
  DeviceTable devices_;
  VipTable vips_;
  JournalTable journal_;
  AdminUserTable admin_users_;
  LeaseTable leases_;
  VoteTable votes_;
  RequestTable requests_;
  UsageTable usage_;
};

// This thread's sessions, one per store in use; closed when the thread ends.
struct ThreadSessions {
  ThreadSessions() { mysql_thread_init(); }
  ~ThreadSessions() {
    of.clear();
    mysql_thread_end();
  }
  std::map<const Cluster*, Session> of;
};
thread_local ThreadSessions t_sessions;

Error fatal(const DbError& e) {
  kLog.error("{}", describe(e));
  return Error{ErrorCode::Internal, "Internal error", describe(e)};
}

Error busy(const DbError& e) {
  kLog.warn("transaction given up: {}", describe(e));
  return Error{ErrorCode::Unavailable, "The service is busy, try again", describe(e)};
}

class MysqlStore final : public service::Store {
 public:
  explicit MysqlStore(std::shared_ptr<Cluster> cluster) : cluster_(std::move(cluster)) {}
  ~MysqlStore() override { t_sessions.of.erase(cluster_.get()); }

 protected:
  Status run(const std::function<Status(service::Txn&)>& body) override {
    Session& session = t_sessions.of.try_emplace(cluster_.get(), cluster_).first->second;
    const auto give_up_at = std::chrono::steady_clock::now() + cluster_->options.patience;
    bool in_doubt = false;
    for (int attempt = 0;; ++attempt) {
      try {
        if (in_doubt && session.landed()) return ok();
        in_doubt = false;
        return session.attempt([&](Connection& db) {
          MysqlTxn txn(db, *cluster_);
          return body(txn);
        });
      } catch (const DbError& e) {
        if (e.kind == DbError::Kind::Fatal) return fatal(e);
        if (attempt > 0 && std::chrono::steady_clock::now() >= give_up_at) return busy(e);
        kLog.debug("transaction is run again: {}", describe(e));
        in_doubt = in_doubt || e.kind == DbError::Kind::CommitUnknown;
        std::this_thread::sleep_for(kBackoff.delay(attempt));
      }
    }
  }

 private:
  const std::shared_ptr<Cluster> cluster_;
};

}  // namespace

Result<std::unique_ptr<service::Store>> makeStore(Options options, Committed committed) {
  auto cluster = Cluster::make(std::move(options), std::move(committed));
  if (!cluster) return cluster.error();
  return std::unique_ptr<service::Store>(std::make_unique<MysqlStore>(*cluster));
}

}  // namespace libra::store::mysql
