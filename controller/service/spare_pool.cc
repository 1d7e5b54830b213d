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
constexpr std::chrono::seconds kLookEvery{10};  // at the provider's list

using Names = std::set<std::string>;

struct Counts {
  int spares = 0, free_vips = 0;
};

}  // namespace

struct SparePool::Impl : std::enable_shared_from_this<Impl> {
  Impl(const Context& c, Provider& p, DeviceGateway& g, const DeviceSync::Run& r, const Options& o)
      : context(c),
        provider(p),
        run(r),
        options(o),
        arrivals(std::make_shared<Arrivals>(c, p, g, r, o)),
        removals(std::make_shared<Removals>(c, p, r, o.backoff)) {}

  void work();
  Result<Counts> count();
  Result<std::vector<Device>> retire(const Tenure& tenure);
  void buildMissing(int spares, const Tenure& tenure);
  void look(const Tenure& tenure);
  void clearStrangers(const std::vector<std::string>& names, const Names& known, const Tenure& tenure);
  void destroyStranger(const std::string& name, const Tenure& tenure);

  const Context context;
  Provider& provider;
  const DeviceSync::Run run;
  const Options options;
  const std::shared_ptr<Arrivals> arrivals;
  const std::shared_ptr<Removals> removals;
  std::atomic<bool> working{false};
  std::atomic<int> spares{0}, free_vips{0};
  // Of the one who works:
  std::map<std::string, Instant> strangers;  // machines without a row, since when
  Instant next_look{};
};

void SparePool::Impl::work() {
  const auto counts = count();
  if (!counts) return kLog.warn("cannot read the pool: {}", counts.error().detail);
  spares = counts->spares;
  free_vips = counts->free_vips;
  arrivals->askAgain();
  const auto tenure = context.leases.pool();
  if (!tenure) return;
  const auto retired = retire(*tenure);
  if (!retired) return kLog.warn("cannot read what is to go: {}", retired.error().detail);
  for (const auto& device : *retired) removals->remove(device, *tenure);
  if (provider.canBuild() && arrivals->mayBegin()) buildMissing(counts->spares, *tenure);
  if (context.clock.monotonic() >= next_look) look(*tenure);
}

Result<Counts> SparePool::Impl::count() {
  return context.store.transact([&](Txn& txn) -> Result<Counts> {
    return Counts{txn.devices().countSpares(), txn.vips().countFree(context.clock.now())};
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

void SparePool::Impl::buildMissing(int have, const Tenure& tenure) {
  const int coming = arrivals->count();
  const int missing = std::min(options.spares - have - coming, options.parallel_builds - coming);
  for (int i = 0; i < missing; ++i) arrivals->expect(options.name_prefix + "-" + randomHex(4), tenure);
}

void SparePool::Impl::look(const Tenure& tenure) {
  next_look = context.clock.monotonic() + kLookEvery;
  const auto names = provider.list();
  if (!names) return kLog.warn("the provider does not list its devices: {}", names.error().detail);
  const auto known = context.store.transact([&](Txn& txn) -> Result<Names> {
    Names rows;
    for (const auto& device : txn.devices().list()) rows.insert(device.name);
    return rows;
  });
  if (!known) return kLog.warn("cannot list the devices: {}", known.error().detail);
  if (provider.canBuild()) return clearStrangers(*names, *known, tenure);
  for (const auto& name : *names)
    if (!known->contains(name)) arrivals->expect(name, tenure);
}

// Left behind by a controller that died while it built. Another one may be building right
// now, so a machine without a row is given time.
void SparePool::Impl::clearStrangers(const std::vector<std::string>& names, const Names& known, const Tenure& tenure) {
  const auto now = context.clock.monotonic();
  std::map<std::string, Instant> seen;
  for (const auto& name : names) {
    if (known.contains(name) || arrivals->expects(name) || !name.starts_with(options.name_prefix + "-")) continue;
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
  return {impl_->options.spares, impl_->spares, impl_->arrivals->count(), impl_->free_vips,
          impl_->arrivals->lastError()};
}

}  // namespace libra::service
