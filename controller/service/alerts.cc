#include "controller/service/alerts.h"

#include <limits>

#include "lib/log/log.h"

namespace libra::service {

using namespace libra::model;

namespace {

constexpr log::Logger kLog{"alert"};
constexpr std::string_view kReader = "alerts";
constexpr int kMostAtOnce = 100;
// Ids are given before the commit: a smaller one may still appear for so long.
constexpr std::chrono::seconds kSettled{2};

// Whoever reads for the first time begins with what happens from now on.
std::int64_t firstPosition(Txn& txn) {
  const auto newest = txn.journal().events("", std::numeric_limits<std::int64_t>::max(), 1);
  return newest.empty() ? 0 : newest.front().id;
}

}  // namespace

void Alerts::work() {
  if (!context_.leases.pool() || context_.clock.monotonic() < not_before_) return;
  const auto events = unread();
  if (!events) return kLog.warn("cannot read the events: {}", events.error().detail);
  std::int64_t read = 0;
  for (const auto& event : *events) {
    if (options_.kinds.contains(event.kind) && !tell(event)) break;
    read = event.id;
  }
  if (read != 0) remember(read);
}

Result<std::vector<Event>> Alerts::unread() {
  const auto tenure = context_.leases.pool();
  return context_.store.transact([&](Txn& txn) -> Result<std::vector<Event>> {
    const auto now = context_.clock.now();
    if (const auto position = txn.journal().position(kReader))
      return txn.journal().eventsAfter(*position, now - kSettled, kMostAtOnce);
    if (!tenure) return std::vector<Event>();
    if (auto ours = fence(txn, *tenure); !ours) return ours.error();
    txn.journal().setPosition(kReader, firstPosition(txn), now);
    return std::vector<Event>();
  });
}

bool Alerts::tell(const Event& event) {
  if (event.id > logged_) kLog.error("{} {}: {}", event.kind, event.object, event.text);
  logged_ = std::max(logged_, event.id);
  const auto told = hook_ == nullptr ? ok() : hook_->tell(event);
  if (told) {
    failures_ = 0;
    return true;
  }
  kLog.warn("nobody could be told of event {}: {} {}", event.id, told.error().message, told.error().detail);
  not_before_ = context_.clock.monotonic() + options_.backoff.delay(failures_++);
  return false;
}

void Alerts::remember(std::int64_t read) {
  const auto tenure = context_.leases.pool();
  const auto kept = context_.store.transact([&](Txn& txn) -> Status {
    if (!tenure) return Error{ErrorCode::Conflict, "", "the lease is another controller's by now"};
    if (auto ours = fence(txn, *tenure); !ours) return ours;
    txn.journal().setPosition(kReader, read, context_.clock.now());
    return ok();
  });
  if (!kept) kLog.warn("alerts up to event {} are told again: {}", read, kept.error().detail);
}

}  // namespace libra::service
