#include "controller/service/lease_keeper.h"

#include <algorithm>

#include "controller/service/device_lease.h"
#include "lib/log/log.h"

namespace libra::service {

using namespace libra::model;

namespace {

constexpr log::Logger kLog{"lease"};
const std::string kPool = "pool";
constexpr std::string_view kController = "controller/";  // says only that its holder lives

// All there is to share out.
const std::vector<std::string>& workNames() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all{kPool};
    for (int shard = 0; shard < kShardCount; ++shard) all.push_back(leaseOfShard(shard));
    return all;
  }();
  return names;
}

Lease rowOf(const std::map<std::string, Lease>& rows, const std::string& name) {
  const auto row = rows.find(name);
  return row == rows.end() ? Lease{name, "", 0, 0} : row->second;
}

}  // namespace

Status fence(Txn& txn, const Tenure& tenure) {
  if (txn.leases().write(tenure.lease, tenure.epoch)) return ok();
  return Error{ErrorCode::Conflict, "The service is busy, try again",
               "the lease " + tenure.lease + " is another controller's by now"};
}

LeaseKeeper::LeaseKeeper(Store& store, const Clock& clock, std::string holder, Options options)
    : store_(store), clock_(clock), holder_(std::move(holder)), options_(options) {}

void LeaseKeeper::campaign() {
  const auto began = clock_.monotonic();
  const auto rows = store_.transact([&](Txn& txn) -> Result<Rows> {
    txn.leases().renew(holder_);
    Rows read;
    for (auto& lease : txn.leases().list()) read.emplace(lease.name, lease);
    return read;
  });
  if (!rows) return kLog.warn("cannot renew the leases: {}", rows.error().detail);
  keep(*rows, began);
  look(*rows);
  meet(*rows);
  share(*rows);
  clearDead(*rows);
}

void LeaseKeeper::keep(const Rows& rows, Instant began) {
  auto held = held_.lock();
  for (const auto& [name, holding] : *held)
    if (rowOf(rows, name).holder != holder_) kLog.warn("{} was taken over", name);
  held->clear();
  for (const auto& [name, row] : rows)
    if (row.holder == holder_) held->emplace(name, Holding{row.epoch, began});
}

void LeaseKeeper::look(const Rows& rows) {
  const auto now = clock_.monotonic();
  std::erase_if(seen_, [&](const auto& seen) { return !rows.contains(seen.first); });
  for (const auto& [name, row] : rows) {
    auto& seen = seen_[name];
    if (seen.epoch != row.epoch || seen.beat != row.beat) seen = {row.epoch, row.beat, now};
  }
}

bool LeaseKeeper::isFree(const Lease& row) const {
  if (row.holder.empty()) return true;
  return row.holder != holder_ && clock_.monotonic() - seen_.at(row.name).since >= options_.take_after;
}

void LeaseKeeper::meet(const Rows& rows) {
  std::set<std::string> living;
  for (const auto& [name, row] : rows)
    if (name.starts_with(kController) && row.holder != holder_ && !isFree(row)) living.insert(row.holder);
  others_.lock()->swap(living);
}

std::set<std::string> LeaseKeeper::others() const { return *others_.lock(); }

void LeaseKeeper::share(const Rows& rows) {
  const auto living = others_.lock()->size() + 1;
  const auto share = (workNames().size() + living - 1) / living;
  const auto& names = workNames();
  const auto mine = static_cast<std::size_t>(std::count_if(
      names.begin(), names.end(), [&](const std::string& name) { return rowOf(rows, name).holder == holder_; }));
  if (mine > share) return giveUp(mine - share);
  take(rows, share - mine);
}

void LeaseKeeper::giveUp(std::size_t most) {
  std::vector<Tenure> given;
  {
    auto held = held_.lock();
    for (auto name = workNames().rbegin(); name != workNames().rend() && given.size() < most; ++name)
      if (const auto holding = held->find(*name); holding != held->end()) {
        given.push_back({*name, holding->second.epoch});
        held->erase(holding);
      }
  }
  const auto released = store_.transact([&](Txn& txn) -> Status {
    for (const auto& tenure : given) txn.leases().release(tenure.lease, tenure.epoch);
    return ok();
  });
  if (!released) return kLog.warn("cannot give leases up: {}", released.error().detail);
  kLog.info("{} leases given up to another controller", given.size());
}

void LeaseKeeper::take(const Rows& rows, std::size_t most) {
  std::vector<Lease> wanted;
  for (const auto& name : workNames())
    if (const auto row = rowOf(rows, name); wanted.size() < most && isFree(row)) wanted.push_back(row);
  const auto others = most - wanted.size();
  if (const auto row = rowOf(rows, std::string(kController) + holder_); row.holder != holder_) {
    if (others > 0)
      kLog.info(
          "{} leases are another controller's: one that lives gives them up, one that is silent for {} ms loses them",
          others, options_.take_after.count());
    wanted.push_back(row);
  }
  if (wanted.empty()) return;

  const auto began = clock_.monotonic();
  const auto taken = store_.transact([&](Txn& txn) -> Result<std::vector<Lease>> {
    std::vector<Lease> won;
    for (const auto& seen : wanted)
      if (txn.leases().take(seen, holder_)) won.push_back(seen);
    return won;
  });
  if (!taken) return kLog.warn("cannot take leases: {}", taken.error().detail);
  auto held = held_.lock();
  for (const auto& seen : *taken) (*held)[seen.name] = {seen.epoch + 1, began};
  kLog.info("{} leases taken", taken->size());
}

// Presence, and what they said of devices; what a dead controller's other leases stand for is taken over.
void LeaseKeeper::clearDead(const Rows& rows) {
  std::vector<Lease> dead;
  for (const auto& [name, row] : rows)
    if (name.starts_with(kController) && isFree(row)) dead.push_back(row);
  if (dead.empty()) return;
  const auto cleared = store_.transact([&](Txn& txn) -> Status {
    for (const auto& row : dead) {
      txn.leases().remove(row);
      txn.votes().forget(row.name.substr(kController.size()));
    }
    return ok();
  });
  if (!cleared) kLog.warn("cannot clear dead controllers: {}", cleared.error().detail);
}

void LeaseKeeper::resign() {
  const auto held = std::exchange(*held_.lock(), {});
  const auto resigned = store_.transact([&](Txn& txn) -> Status {
    for (const auto& [name, holding] : held) txn.leases().release(name, holding.epoch);
    return ok();
  });
  if (!resigned) kLog.warn("cannot resign, others wait for the leases to lapse: {}", resigned.error().detail);
}

std::optional<Tenure> LeaseKeeper::pool() const { return tenure(kPool); }
std::optional<Tenure> LeaseKeeper::ofDevice(std::int64_t device) const { return tenure(leaseOfDevice(device)); }

Shards LeaseKeeper::shards() const {
  Shards held = 0;
  for (int shard = 0; shard < kShardCount; ++shard)
    if (tenure(leaseOfShard(shard))) held |= Shards{1} << shard;
  return held;
}

std::optional<Tenure> LeaseKeeper::tenure(const std::string& lease) const {
  auto held = held_.lock();
  const auto holding = held->find(lease);
  if (holding == held->end() || !runs(holding->second)) return std::nullopt;
  return Tenure{lease, holding->second.epoch};
}

bool LeaseKeeper::runs(const Holding& holding) const {
  return clock_.monotonic() - holding.renewed < options_.stop_after;
}

}  // namespace libra::service
