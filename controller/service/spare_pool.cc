#include "controller/service/spare_pool.h"

#include <algorithm>
#include <atomic>
#include <set>

#include "controller/service/arrivals.h"
#include "controller/service/removals.h"
#include "lib/base/ids.h"
#include "lib/log/log.h"

namespace libra::service {

using namespace libra::model;

namespace {

constexpr log::Logger kLog{"pool"};
constexpr int kMostPerTick = 100;
constexpr int kMostSpares = 100'000;
constexpr std::chrono::seconds kLookEvery{10};  // at the provider's list

using Names = std::set<std::string>;
using Rows = std::map<std::string, Device>;

struct Counts {
  std::vector<Device> spares;
  int free_vips = 0;

  Spread spread() const {
    Spread spread;
    for (const auto& spare : spares)
      if (!spare.maintenance) ++spread[{spare.zone, spare.host_group}];
    return spread;
  }
};

int sum(const Spread& spread) {
  int all = 0;
  for (const auto& [place, count] : spread) all += count;
  return all;
}

}  // namespace

struct SparePool::Impl : std::enable_shared_from_this<Impl> {
  Impl(const Context& c, Provider& p, DeviceGateway& g, const DeviceSync::Run& r, const Options& o)
      : context(c),
        provider(p),
        run(r),
        options(o),
        arrivals(std::make_shared<Arrivals>(c, p, g, r, o)),
        removals(std::make_shared<Removals>(c, p, g, r, o.backoff)) {}

  void work();
  void check(const std::vector<Device>& spares);
  Result<Counts> count();
  Result<std::vector<Device>> retire(const Tenure& tenure);
  void buildMissing(Spread spares, const Tenure& tenure);
  void look(const Tenure& tenure);
  void dropVanished(const Names& machines, const Rows& rows);
  void drop(const Device& spare, const char* kind, const std::string& why);
  void clearStrangers(const Names& machines, const Rows& rows, const Tenure& tenure);
  void destroyStranger(const std::string& name, const Tenure& tenure);

  const Context context;
  Provider& provider;
  const DeviceSync::Run run;
  const Options options;
  const std::shared_ptr<Arrivals> arrivals;
  const std::shared_ptr<Removals> removals;
  std::shared_ptr<SpareChecks> checks;  // made at the first need: it tells this one
  std::atomic<bool> working{false};
  std::atomic<int> spares{0}, free_vips{0};
  // Of the one who works:
  std::map<std::string, Instant> strangers;  // machines without a row, since when
  Names vanished;                            // spares that the last list did not have
  Instant next_look{};
};

void SparePool::Impl::work() {
  const auto counts = count();
  if (!counts) return kLog.warn("cannot read the pool: {}", counts.error().detail);
  const auto spread = counts->spread();
  spares = sum(spread);
  free_vips = counts->free_vips;
  arrivals->askAgain();
  const auto tenure = context.leases.pool();
  if (!tenure) return;
  const auto retired = retire(*tenure);
  if (!retired) return kLog.warn("cannot read what is to go: {}", retired.error().detail);
  for (const auto& device : *retired) removals->remove(device, *tenure);
  if (provider.canBuild() && arrivals->mayBegin()) buildMissing(spread, *tenure);
  check(counts->spares);
  if (context.clock.monotonic() >= next_look) look(*tenure);
}

void SparePool::Impl::check(const std::vector<Device>& all) {
  if (!checks) {
    const auto bad = [weak = weak_from_this()](const Device& spare, const std::string& why) {
      if (const auto self = weak.lock()) self->drop(spare, "device.bad", why);
    };
    checks = std::make_shared<SpareChecks>(context.clock, arrivals->gateway(), run, bad, options.checks);
  }
  checks->tick(all);
}

Result<Counts> SparePool::Impl::count() {
  return context.store.transact([&](Txn& txn) -> Result<Counts> {
    return Counts{txn.devices().withStatus(DeviceStatus::Offline, kMostSpares),
                  txn.vips().countFree(context.clock.now())};
  });
}

Result<std::vector<Device>> SparePool::Impl::retire(const Tenure& tenure) {
  return context.store.transact([&](Txn& txn) -> Result<std::vector<Device>> {
    bool wrote = false;
    // A failed device is kept only for the load balancers on it.
    for (const auto& device : txn.devices().withStatus(DeviceStatus::Error, kMostPerTick))
      if (txn.loadBalancers().onDevice(device.id).empty())
        wrote |= txn.devices().setStatus(device.id, DeviceStatus::Error, DeviceStatus::Deleted);
    if (wrote)
      if (auto ours = fence(txn, tenure); !ours) return ours.error();
    return txn.devices().withStatus(DeviceStatus::Deleted, kMostPerTick);
  });
}

void SparePool::Impl::buildMissing(Spread have, const Tenure& tenure) {
  arrivals->addTo(have);
  for (int room = options.parallel_builds - arrivals->count(); room > 0; --room) {
    const auto place = nextPlace(have, options.wanted);
    if (!place) return;
    ++have[*place];
    arrivals->expect({options.name_prefix + "-" + randomHex(4), place->first, place->second}, tenure);
  }
}

void SparePool::Impl::look(const Tenure& tenure) {
  next_look = context.clock.monotonic() + kLookEvery;
  // The rows first: a machine that is made meanwhile has none, and is a stranger that is given time.
  const auto rows = context.store.transact([&](Txn& txn) -> Result<Rows> {
    Rows all;
    for (auto& device : txn.devices().list()) all.emplace(device.name, std::move(device));
    return all;
  });
  if (!rows) return kLog.warn("cannot list the devices: {}", rows.error().detail);
  const auto listed = provider.list();
  if (!listed) return kLog.warn("the provider does not list its devices: {}", listed.error().detail);
  const Names machines(listed->begin(), listed->end());
  if (provider.canBuild()) {
    dropVanished(machines, *rows);
    return clearStrangers(machines, *rows, tenure);
  }
  for (const auto& name : machines)
    if (!rows->contains(name)) arrivals->expect({name}, tenure);
}

// Spares that two lists in a row did not have, few at a time: the list may be what is wrong. One
// that carries something is not judged by a list; it is watched.
void SparePool::Impl::dropVanished(const Names& machines, const Rows& rows) {
  Names missing;
  int dropped = 0;
  for (const auto& [name, device] : rows) {
    if (device.status != DeviceStatus::Offline || machines.contains(name)) continue;
    missing.insert(name);
    if (vanished.contains(name) && dropped++ < options.parallel_builds)
      drop(device, "device.vanished", "the provider has none of its name");
  }
  vanished = std::move(missing);
}

// It is ERROR, unless somebody claimed it, and goes the way of those.
void SparePool::Impl::drop(const Device& spare, const char* kind, const std::string& why) {
  const auto tenure = context.leases.pool();
  if (!tenure) return;
  const auto dropped = context.store.transact([&](Txn& txn) -> Result<bool> {
    if (auto ours = fence(txn, *tenure); !ours) return ours.error();
    if (!txn.devices().setStatus(spare.id, DeviceStatus::Offline, DeviceStatus::Error)) return false;
    txn.journal().event({kind, "device/" + std::to_string(spare.id), why}, context.clock.now());
    return true;
  });
  if (dropped && *dropped) kLog.warn("spare {} ({}) is replaced: {}", spare.id, spare.name, why);
}

// Left behind by a controller that died while it built. Another one may be building right
// now, so a machine without a row is given time.
void SparePool::Impl::clearStrangers(const Names& machines, const Rows& rows, const Tenure& tenure) {
  const auto now = context.clock.monotonic();
  std::map<std::string, Instant> seen;
  for (const auto& name : machines) {
    if (rows.contains(name) || arrivals->expects(name) || !name.starts_with(options.name_prefix + "-")) continue;
    const auto before = strangers.find(name);
    seen[name] = before == strangers.end() ? now : before->second;
    if (now - seen[name] >= options.stranger_after) destroyStranger(name, tenure);
  }
  strangers = std::move(seen);
}

// Asked again right before, since we may have slept: it may be somebody's by now.
void SparePool::Impl::destroyStranger(const std::string& name, const Tenure& tenure) {
  const auto nobodys = context.store.transact([&](Txn& txn) -> Result<bool> {
    if (auto ours = fence(txn, tenure); !ours) return ours.error();
    return !txn.devices().findByName(name);
  });
  if (!nobodys || !*nobodys) return;
  kLog.warn("device {} belongs to nobody, destroying it", name);
  if (const auto gone = provider.destroy(name); !gone)
    kLog.warn("device {} cannot be destroyed: {}", name, gone.error().detail);
}

SparePool::SparePool(Context context, Provider& provider, DeviceGateway& gateway, DeviceSync::Run run, Options options)
    : impl_(std::make_shared<Impl>(context, provider, gateway, run, options)) {}

SparePool::~SparePool() = default;

void SparePool::tick() {
  if (impl_->working.exchange(true)) return;
  impl_->run([self = impl_] {
    self->work();
    self->working = false;
  });
}

SparePool::State SparePool::state() const {
  return {impl_->options.wanted.total(), impl_->spares, impl_->arrivals->count(), impl_->free_vips,
          impl_->arrivals->lastError()};
}

}  // namespace libra::service
