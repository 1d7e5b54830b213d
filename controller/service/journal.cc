#include "controller/service/journal.h"

#include "lib/log/log.h"

namespace libra::service {

namespace {

constexpr log::Logger kLog{"audit"};

}  // namespace

Result<std::vector<model::Event>> Journal::events(const std::string& object, std::int64_t before, int most) {
  return context_.store.transact(
      [&](Txn& txn) -> Result<std::vector<model::Event>> { return txn.journal().events(object, before, most); });
}

Result<std::vector<model::Audit>> Journal::audits(std::int64_t before, int most) {
  return context_.store.transact(
      [&](Txn& txn) -> Result<std::vector<model::Audit>> { return txn.journal().audits(before, most); });
}

Result<std::map<std::string, std::int64_t>> Journal::counters() {
  if (auto flushed = context_.counters.flush(); !flushed) return flushed.error();
  return context_.store.transact(
      [](Txn& txn) -> Result<std::map<std::string, std::int64_t>> { return txn.journal().counters(); });
}

Result<std::int64_t> Journal::begin(const model::NewAudit& request) {
  return context_.store.transact(
      [&](Txn& txn) -> Result<std::int64_t> { return txn.journal().beginAudit(request, context_.clock.now()); });
}

void Journal::end(std::int64_t audit, int status) {
  const auto done = context_.store.transact([&](Txn& txn) -> Status {
    txn.journal().endAudit(audit, status);
    return ok();
  });
  if (!done) kLog.error("audit row {} was answered {}, which is not stored: {}", audit, status, done.error().detail);
}

}  // namespace libra::service
