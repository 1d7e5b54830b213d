#include "controller/service/expunge.h"

namespace libra::service {

namespace {

constexpr int kMostAtOnce = 1000;

Time daysBefore(Time now, int days) { return now - std::chrono::hours(24) * days; }

}  // namespace

Status Expunge::work() {
  const auto tenure = context_.leases.pool();
  if (!tenure) return ok();
  if (options_.deleted > 0) {
    const auto removed = deleted(*tenure);
    if (!removed) return removed.error();
    if (*removed > 0) context_.counters.add("loadbalancers_expunged", *removed);
  }
  if (options_.journal > 0)
    if (auto done = journal(*tenure); !done) return done;
  return options_.usage > 0 ? usage(*tenure) : ok();
}

Result<int> Expunge::deleted(const model::Tenure& tenure) {
  return context_.store.transact([&](Txn& txn) -> Result<int> {
    if (auto ours = fence(txn, tenure); !ours) return ours.error();
    return txn.loadBalancers().expunge(daysBefore(context_.clock.now(), options_.deleted), kMostAtOnce);
  });
}

Status Expunge::journal(const model::Tenure& tenure) {
  return context_.store.transact([&](Txn& txn) -> Status {
    if (auto ours = fence(txn, tenure); !ours) return ours;
    txn.journal().forget(daysBefore(context_.clock.now(), options_.journal), kMostAtOnce);
    return ok();
  });
}

Status Expunge::usage(const model::Tenure& tenure) {
  return context_.store.transact([&](Txn& txn) -> Status {
    if (auto ours = fence(txn, tenure); !ours) return ours;
    txn.usage().forget(daysBefore(context_.clock.now(), options_.usage), kMostAtOnce);
    return ok();
  });
}

}  // namespace libra::service
