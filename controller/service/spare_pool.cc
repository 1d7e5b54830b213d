#include "controller/service/spare_pool.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>

#include "lib/base/ids.h"
#include "lib/log/log.h"

namespace libra::service {

using namespace libra::model;

namespace {

constexpr log::Logger kLog{"pool"};
constexpr int kMostPerTick = 100;
constexpr std::chrono::seconds kLookEvery{10};  // at the provider's list

// A machine on its way into the pool: being made, then asked until it answers.
struct Arrival {
  std::optional<NewDevice> made;
  Instant answer_by{};
  bool asked = false;
};

struct Removal {
  bool under_way = false;
  int failures = 0;
  Instant not_before{};
};

struct Books {
  std::map<std::string, Arrival> arrivals;
  std::map<std::string, Removal> removals;
  std::map<std::string, Instant> strangers;  // machines without a row, since when
  Instant next_build{}, next_look{};
  int failures = 0;
  SparePool::State state{};
};

struct Rows {
  int spares = 0, free_vips = 0;
  std::vector<Device> retired;
};

}  // namespace

struct SparePool::Impl : std::enable_shared_from_this<Impl> {
  Impl(Context c, Provider& p, DeviceGateway& g, DeviceSync::Run r, Options o)
      : context(std::move(c)), provider(p), gateway(g), run(std::move(r)), options(std::move(o)) {}

  void tick();
  void work();
  Result<Rows> read();
  void buildMissing(int spares);
  void askArrivals();
  void look();
  void admitListed(const std::vector<std::string>& names, const std::set<std::string>& known);
  void clearStrangers(const std::vector<std::string>& names, const std::set<std::string>& known);

  void expect(const std::string& name);  // an arrival
  void build(const std::string& name);
  void ask(const std::string& name, Millis patience);
  void answered(const std::string& name, const Result<protocol::Answer>& answer);
  void admit(const std::string& name, const protocol::Answer& answer);
  void turnAway(const std::string& name, const std::string& why);

  void retire(const Device& device);
  Status destroy(const Device& device);

  const Context context;
  Provider& provider;
  DeviceGateway& gateway;
  const DeviceSync::Run run;
  const Options options;
  Locked<Books> books;
  std::atomic<bool> ticking{false};
};

void SparePool::Impl::tick() {
  if (ticking.exchange(true)) return;
  run([self = shared_from_this()] {
    self->work();
    self->ticking = false;
  });
}

void SparePool::Impl::work() {
  const auto rows = read();
  if (!rows) return kLog.warn("cannot read the pool: {}", rows.error().detail);
  {
    auto b = books.lock();
    b->state.spares = rows->spares;
    b->state.free_vips = rows->free_vips;
  }
  for (const auto& device : rows->retired) retire(device);
  if (provider.canBuild()) buildMissing(rows->spares);
  askArrivals();
  look();
}

Result<Rows> SparePool::Impl::read() {
  return context.store.transact([&](Txn& txn) -> Result<Rows> {
    // A failed device is kept only for the load balancers on it.
    for (const auto& device : txn.devices().withStatus(DeviceStatus::Error, kMostPerTick))
      if (txn.loadBalancers().onDevice(device.id).empty())
        txn.devices().setStatus(device.id, DeviceStatus::Error, DeviceStatus::Deleted);
    return Rows{txn.devices().counts()[DeviceStatus::Offline], txn.vips().countFree(context.clock.now()),
                txn.devices().withStatus(DeviceStatus::Deleted, kMostPerTick)};
  });
}

// --- arrivals -----------------------------------------------------------------

void SparePool::Impl::buildMissing(int spares) {
  std::vector<std::string> names;
  {
    auto b = books.lock();
    if (context.clock.monotonic() < b->next_build) return;
    const int coming = static_cast<int>(b->arrivals.size());
    const int start = std::min(options.spares - spares - coming, options.parallel_builds - coming);
    for (int i = 0; i < start; ++i) names.push_back(options.name_prefix + "-" + randomHex(4));
  }
  for (const auto& name : names) expect(name);
}

void SparePool::Impl::expect(const std::string& name) {
  if (!books.lock()->arrivals.try_emplace(name).second) return;
  run([self = shared_from_this(), name] { self->build(name); });
}

void SparePool::Impl::build(const std::string& name) {
  auto made = provider.build(name);
  if (!made) return turnAway(name, made.error().message + " " + made.error().detail);
  {
    auto b = books.lock();
    auto& arrival = b->arrivals[name];
    arrival.made = *std::move(made);
    arrival.answer_by = context.clock.monotonic() + options.answer_within;
    arrival.asked = true;
  }
  ask(name, options.answer_within);
}

// Those whose question came back without an answer are asked again until it is too late.
void SparePool::Impl::askArrivals() {
  std::vector<std::string> late;
  std::vector<std::pair<std::string, Millis>> waiting;
  {
    auto b = books.lock();
    for (auto& [name, arrival] : b->arrivals) {
      if (!arrival.made || arrival.asked) continue;
      const auto left = std::chrono::ceil<Millis>(arrival.answer_by - context.clock.monotonic());
      arrival.asked = true;
      if (left <= Millis(0))
        late.push_back(name);
      else
        waiting.emplace_back(name, left);
    }
  }
  for (const auto& name : late) run([self = shared_from_this(), name] { self->turnAway(name, "it does not answer"); });
  for (const auto& [name, left] : waiting) ask(name, left);
}

void SparePool::Impl::ask(const std::string& name, Millis patience) {
  gateway.discover(name, patience, [weak = weak_from_this(), name](Result<protocol::Answer> answer) {
    const auto self = weak.lock();
    if (self) self->run([self, name, answer = std::move(answer)] { self->answered(name, answer); });
  });
}

void SparePool::Impl::answered(const std::string& name, const Result<protocol::Answer>& answer) {
  if (answer && answer->pass) return admit(name, *answer);
  books.lock()->arrivals[name].asked = false;
}

void SparePool::Impl::admit(const std::string& name, const protocol::Answer& answer) {
  NewDevice device = *books.lock()->arrivals[name].made;
  if (!answer.driver.empty()) device.driver = answer.driver;
  if (!answer.capabilities.empty()) device.capabilities = answer.capabilities;
  const auto stored = context.store.transact([&](Txn& txn) -> Result<std::int64_t> {
    if (const auto known = txn.devices().findByName(name)) return known->id;
    const auto id = txn.devices().insert(device, context.clock.now());
    txn.journal().event({"device.built", "device/" + std::to_string(id), name + " " + answer.version},
                        context.clock.now());
    return id;
  });
  auto b = books.lock();
  if (!stored) {
    kLog.warn("device {} cannot be stored: {}", name, stored.error().detail);
    b->arrivals[name].asked = false;
    return;
  }
  b->arrivals.erase(name);
  b->failures = 0;
  b->state.last_error.clear();
  context.counters.add("devices_built");
  kLog.info("device {} ({}) is a spare", *stored, name);
}

// What cannot become a spare is destroyed; what even that leaves behind is a stranger.
void SparePool::Impl::turnAway(const std::string& name, const std::string& why) {
  kLog.warn("device {} was not built: {}", name, why);
  if (const auto gone = provider.destroy(name); !gone)
    kLog.warn("device {} cannot be destroyed: {}", name, gone.error().detail);
  context.counters.add("devices_bad_built");
  auto b = books.lock();
  b->arrivals.erase(name);
  b->state.last_error = why;
  b->next_build = context.clock.monotonic() + options.backoff.delay(b->failures++);
}

// --- removals -----------------------------------------------------------------

void SparePool::Impl::retire(const Device& device) {
  {
    auto b = books.lock();
    auto& removal = b->removals[device.name];
    if (removal.under_way || context.clock.monotonic() < removal.not_before) return;
    removal.under_way = true;
  }
  run([self = shared_from_this(), device] {
    const auto gone = self->destroy(device);
    auto b = self->books.lock();
    auto& removal = b->removals[device.name];
    removal.under_way = false;
    removal.not_before = self->context.clock.monotonic() + self->options.backoff.delay(removal.failures++);
    if (!gone)
      return kLog.warn("device {} cannot be removed: {} {}", device.id, gone.error().message, gone.error().detail);
    b->removals.erase(device.name);
    b->next_look = {};
    kLog.info("device {} ({}) is gone", device.id, device.name);
  });
}

// The machine first: until it is gone, it may hold its VIP.
Status SparePool::Impl::destroy(const Device& device) {
  if (auto gone = provider.destroy(device.name); !gone) return gone;
  const auto now = context.clock.now();
  auto removed = context.store.transact([&](Txn& txn) -> Result<std::size_t> {
    const auto vips = txn.vips().ofDevice(device.id);
    for (const auto& vip : vips) txn.vips().release(vip.id, now + context.vip_quarantine);
    txn.devices().remove(device.id);
    txn.journal().event({"device.removed", "device/" + std::to_string(device.id), device.name}, now);
    return vips.size();
  });
  if (!removed) return removed.error();
  context.counters.add("devices_deleted");
  if (*removed > 0) context.counters.add("vips_deleted", static_cast<std::int64_t>(*removed));
  return ok();
}

// --- what the provider has ------------------------------------------------------

void SparePool::Impl::look() {
  {
    auto b = books.lock();
    if (context.clock.monotonic() < b->next_look) return;
    b->next_look = context.clock.monotonic() + kLookEvery;
  }
  const auto names = provider.list();
  if (!names) return kLog.warn("the provider does not list its devices: {}", names.error().detail);
  const auto known = context.store.transact([&](Txn& txn) -> Result<std::set<std::string>> {
    std::set<std::string> rows;
    for (const auto& device : txn.devices().list()) rows.insert(device.name);
    return rows;
  });
  if (!known) return kLog.warn("cannot list the devices: {}", known.error().detail);
  provider.canBuild() ? clearStrangers(*names, *known) : admitListed(*names, *known);
}

void SparePool::Impl::admitListed(const std::vector<std::string>& names, const std::set<std::string>& known) {
  for (const auto& name : names)
    if (!known.contains(name)) expect(name);
}

// Left behind by a controller that died while it built. Another one may be building right
// now, so a machine without a row is given time.
void SparePool::Impl::clearStrangers(const std::vector<std::string>& names, const std::set<std::string>& known) {
  std::vector<std::string> old;
  {
    auto b = books.lock();
    std::map<std::string, Instant> seen;
    const auto now = context.clock.monotonic();
    for (const auto& name : names) {
      if (known.contains(name) || b->arrivals.contains(name) || !name.starts_with(options.name_prefix + "-")) continue;
      const auto before = b->strangers.find(name);
      const auto since = seen[name] = before == b->strangers.end() ? now : before->second;
      if (now - since >= options.stranger_after) old.push_back(name);
    }
    b->strangers = std::move(seen);
  }
  for (const auto& name : old) {
    kLog.warn("device {} belongs to nobody, destroying it", name);
    if (const auto gone = provider.destroy(name); !gone)
      kLog.warn("device {} cannot be destroyed: {}", name, gone.error().detail);
  }
}

SparePool::SparePool(Context context, Provider& provider, DeviceGateway& gateway, DeviceSync::Run run, Options options)
    : impl_(std::make_shared<Impl>(std::move(context), provider, gateway, std::move(run), std::move(options))) {}

SparePool::~SparePool() = default;

void SparePool::tick() { impl_->tick(); }

SparePool::State SparePool::state() const {
  auto b = impl_->books.lock();
  State state = b->state;
  state.wanted = impl_->options.spares;
  state.building = static_cast<int>(b->arrivals.size());
  return state;
}

}  // namespace libra::service
