#include "controller/service/counters.h"

#include "controller/service/joined_store.h"

namespace libra::service {

void Counters::add(const std::string& name, std::int64_t by) {
  JoinedStore::afterCommit([this, name, by] { (*pending_.lock())[name] += by; });
}

Status Counters::flush() {
  const auto deltas = std::exchange(*pending_.lock(), {});
  if (deltas.empty()) return ok();
  auto written = store_.transact([&](Txn& txn) -> Status {
    txn.journal().addCounters(deltas);
    return ok();
  });
  if (!written)
    for (const auto& [name, delta] : deltas) add(name, delta);
  return written;
}

}  // namespace libra::service
