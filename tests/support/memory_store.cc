#include "tests/support/memory_store.h"

#include "tests/support/memory/devices.h"
#include "tests/support/memory/journal.h"
#include "tests/support/memory/load_balancers.h"
#include "tests/support/memory/others.h"
#include "tests/support/memory/tables.h"
#include "tests/support/memory/tenants.h"
#include "tests/support/memory/vips.h"

namespace libra::test {

namespace memory {

class MemoryTxn final : public service::Txn {
 public:
  explicit MemoryTxn(MemoryRows& rows)
      : tenants_(rows),
        limits_(rows),
        load_balancers_(rows),
        devices_(rows),
        vips_(rows),
        journal_(rows),
        admin_users_(rows),
        leases_(rows),
        votes_(rows),
        requests_(rows),
        usage_(rows) {}
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
  Tenants tenants_;
  LimitRows limits_;
  LoadBalancers load_balancers_;
  Devices devices_;
  Vips vips_;
  Journal journal_;
  AdminUsers admin_users_;
  Leases leases_;
  Votes votes_;
  Requests requests_;
  UsageRows usage_;
};

}  // namespace memory

void MemoryStore::failNext(int n, Error error) {
  std::lock_guard lock(mutex_);
  failures_ = n;
  failure_ = std::move(error);
}

MemoryRows MemoryStore::rows() {
  std::lock_guard lock(mutex_);
  return rows_;
}

void MemoryStore::edit(const std::function<void(MemoryRows&)>& change) {
  std::lock_guard lock(mutex_);
  change(rows_);
}

Status MemoryStore::run(const std::function<Status(service::Txn&)>& body) {
  std::lock_guard lock(mutex_);
  MemoryRows before = rows_;
  Status done = ok();
  try {
    memory::MemoryTxn txn(rows_);
    done = body(txn);
    if (done && run_twice_) {
      rows_ = before;
      done = body(txn);
    }
    if (done && failures_ > 0) {
      --failures_;
      done = failure_;
    }
  } catch (const memory::Broken& e) {
    done = Error{ErrorCode::Internal, "Internal error", e.what};
  }
  if (!done) rows_ = std::move(before);
  return done;
}

}  // namespace libra::test
