#include "controller/service/healer.h"

#include <algorithm>
#include <atomic>

#include "controller/service/ballot.h"
#include "controller/service/fencing.h"
#include "lib/log/log.h"

namespace libra::service {

using namespace libra::model;

namespace {

constexpr log::Logger kLog{"healer"};
constexpr std::chrono::seconds kResumeEvery{1};
constexpr Millis kTurnEvery{100};
constexpr Millis kVotesEvery{10};  // while others have not agreed yet

struct Loss {
  LossReason reason;
  Instant last_heard, verdict;
  bool outvoted = false;  // and told so
};
using Losses = std::map<std::string, Loss>;
using Rows = std::map<std::string, Device>;

bool carries(const Device& device) {
  return device.status != DeviceStatus::Offline && device.status != DeviceStatus::Deleted;
}

const char* resultOf(Failover::Outcome outcome) {
  if (outcome == Failover::Outcome::Moved) return "moved";
  return outcome == Failover::Outcome::Waits ? "no-spare" : "spare-lost";
}

std::set<std::string> domainsOf(const Device& device) {
  std::set<std::string> domains;
  if (!device.zone.empty()) domains.insert("zone/" + device.zone);
  if (!device.host_group.empty()) domains.insert("group/" + device.host_group);
  return domains;
}

}  // namespace

std::string_view name(LossReason reason) {
  switch (reason) {
    case LossReason::Refused:
      return "refused";
    case LossReason::ProxyLost:
      return "proxy-lost";
    case LossReason::Silence:
      return "silence";
    case LossReason::NoSidecar:
      return "no-sidecar";
    case LossReason::Operator:
      return "operator";
  }
  return "";
}

struct Healer::Impl : std::enable_shared_from_this<Impl> {
  Impl(const Context& c, Provider& p, DeviceSync::Run r, Watcher w, const Breaker::Options& b)
      : context(c), run(std::move(r)), watcher(std::move(w)), failover(c), fencing(c, p), breaker(c.clock, b) {}

  void begin();
  void work();
  void turn();
  void poll();
  bool isAgreed(const std::string& name, const Loss& loss);
  void tellOutvoted(const std::string& name);
  std::vector<std::pair<std::string, Loss>> inOrder();
  void heal(const std::string& name, const Loss& loss);
  void move(const Device& device, const Loss& loss);
  Result<std::optional<Device>> rowOf(const std::string& name);
  Breaker::Fleet fleet();
  void done(const std::string& name);
  void count(LossReason reason, const char* result) { ++(*sums.lock()).failovers[{reason, result}]; }

  const Context context;
  const DeviceSync::Run run;
  const Watcher watcher;
  Failover failover;
  Fencing fencing;
  Breaker breaker;
  Ballot ballot{context, watcher.hears};
  bool polled = false, open = false;  // in this turn: the others were asked, and have not agreed yet
  metrics::Histogram detection, decision;
  Locked<Losses> losses;
  Locked<Rows> rows;  // as they were when toWatch() last read them
  Locked<Sums> sums;
  std::atomic<int> wanted{0};  // turns of work(): one at a time, and one more when news came meanwhile
  std::atomic<Instant> next_turn{Instant{}}, next_resume{Instant{}};
};

void Healer::Impl::begin() {
  if (wanted.fetch_add(1) == 0) run([self = shared_from_this()] { self->work(); });
}

void Healer::Impl::work() {
  int seen = 0;
  do {
    seen = wanted.load();
    turn();
    if (context.clock.monotonic() < next_resume.load()) continue;
    next_resume = context.clock.monotonic() + kResumeEvery;
    if (const auto resumed = failover.resume(); !resumed)
      kLog.warn("cannot look for what waits for a spare: {}", resumed.error().detail);
  } while (wanted.fetch_sub(seen) != seen);
}

void Healer::Impl::turn() {
  polled = open = false;
  for (const auto& [name, loss] : inOrder()) heal(name, loss);
  if (!polled) poll();
  next_turn = context.clock.monotonic() + (open ? kVotesEvery : kTurnEvery);
}

void Healer::Impl::poll() {
  polled = true;
  std::set<std::string> missed;
  for (auto all = losses.lock(); const auto& [name, loss] : *all) missed.insert(name);
  if (const auto done = ballot.poll(missed); !done) kLog.warn("no votes: {}", done.error().detail);
}

// Whoever says that no process is left has heard the device; a silence may be our own.
bool Healer::Impl::isAgreed(const std::string& name, const Loss& loss) {
  if (loss.reason != LossReason::Silence) return true;
  if (!polled) poll();
  const auto result = ballot.on(name);
  if (result == Ballot::Outcome::Open) open = true;
  if (result == Ballot::Outcome::Heard && !loss.outvoted) tellOutvoted(name);
  return result == Ballot::Outcome::Lost;
}

void Healer::Impl::tellOutvoted(const std::string& name) {
  kLog.error("device {} is silent here and heard by another controller: it stays until that one misses it too", name);
  count(LossReason::Silence, "outvoted");
  if (auto all = losses.lock(); all->contains(name)) all->at(name).outvoted = true;
}

std::vector<std::pair<std::string, Loss>> Healer::Impl::inOrder() {
  std::vector<std::pair<std::string, Loss>> order;
  for (auto all = losses.lock(); const auto& loss : *all) order.push_back(loss);
  std::sort(order.begin(), order.end(), [](auto& a, auto& b) { return a.second.verdict < b.second.verdict; });
  return order;
}

void Healer::Impl::heal(const std::string& name, const Loss& loss) {
  if (!watcher.lost(name)) return done(name);
  const auto row = rowOf(name);
  if (!row) return kLog.error("device {} is lost and cannot be looked up yet: {}", name, row.error().detail);
  const auto& device = *row;
  if (!device) return done(name);
  if (!context.leases.ofDevice(device->id)) return;  // its holder moves it; we do once the lease is ours
  if (!isAgreed(name, loss)) return;
  if (carries(*device) && !breaker.admit(name, domainsOf(*device), fleet())) return;
  move(*device, loss);
}

void Healer::Impl::move(const Device& device, const Loss& loss) {
  const auto moved = failover.recover(device.id, std::string(name(loss.reason)));
  if (!moved) {
    kLog.error("device {} is lost ({}) and cannot be replaced yet: {}", device.name, name(loss.reason),
               moved.error().detail);
    return count(loss.reason, "error");
  }
  done(device.name);
  if (moved->outcome == Failover::Outcome::Gone) return;  // it was meant to go
  decision.observe(context.clock.monotonic() - loss.verdict);
  const char* result = resultOf(moved->outcome);
  count(loss.reason, result);
  const auto& target = moved->target;
  kLog.error("device {} is lost ({}): {} {}", device.name, name(loss.reason), result, target ? target->name : "");
  run([self = shared_from_this(), device, target] { self->fencing.cutOff(device, target); });
}

Result<std::optional<Device>> Healer::Impl::rowOf(const std::string& name) {
  {
    auto known = rows.lock();
    if (const auto found = known->find(name); found != known->end()) return std::optional(found->second);
  }
  return context.store.transact(
      [&](Txn& txn) -> Result<std::optional<Device>> { return txn.devices().findByName(name); });
}

Breaker::Fleet Healer::Impl::fleet() {
  Breaker::Fleet fleet;
  for (auto known = rows.lock(); const auto& [name, device] : *known) {
    if (!carries(device)) continue;
    ++fleet.devices;
    for (const auto& domain : domainsOf(device)) {
      auto& all = fleet.domains[domain];
      ++all.devices;
      if (watcher.lost(name)) ++all.silent;
    }
  }
  return fleet;
}

void Healer::Impl::done(const std::string& name) {
  losses.lock()->erase(name);
  breaker.done(name);
}

Healer::Healer(Context context, Provider& provider, DeviceSync::Run run, Watcher watcher,
               const Breaker::Options& breaker)
    : impl_(std::make_shared<Impl>(context, provider, std::move(run), std::move(watcher), breaker)) {}

Healer::~Healer() = default;

void Healer::lost(const std::string& device, LossReason reason, Instant last_heard) {
  const auto now = impl_->context.clock.monotonic();
  if (!impl_->losses.lock()->try_emplace(device, Loss{reason, last_heard, now}).second) return;
  if (last_heard != Instant{}) impl_->detection.observe(now - last_heard);
  impl_->begin();
}

void Healer::tick() {
  if (impl_->context.clock.monotonic() >= impl_->next_turn.load()) impl_->begin();
}

Result<Device> Healer::failOver(std::int64_t id) {
  const auto text = std::to_string(id);
  const auto device = impl_->context.store.transact([&](Txn& txn) -> Result<Device> {
    auto row = txn.devices().find(id);
    if (!row) return Error{ErrorCode::NotFound, "Device " + text + " not found"};
    if (txn.loadBalancers().onDevice(id).empty())
      return Error{ErrorCode::Invalid, "Device " + text + " carries no load balancer"};
    return *std::move(row);
  });
  if (!device) return device;
  auto target = impl_->failover.rebuild(id);
  if (!target) return target;
  impl_->count(LossReason::Operator, "moved");
  kLog.warn("device {} is failed over by the operator: {}", device->name, target->name);
  impl_->run([self = impl_, from = *device, to = *target] { self->fencing.cutOff(from, to); });
  return target;
}

Result<std::vector<Healer::Claim>> Healer::strangersVips(const std::string& device, const std::vector<Claim>& held) {
  if (held.empty()) return std::vector<Claim>();
  return impl_->context.store.transact([&](Txn& txn) -> Result<std::vector<Claim>> {
    const auto row = txn.devices().findByName(device);
    std::vector<Claim> strangers;
    for (const auto& claim : held) {
      const auto vip = txn.vips().findByAddress(claim.address);
      if (vip && (!row || vip->device != row->id)) strangers.push_back({vip->address, vip->epoch});
    }
    return strangers;
  });
}

void Healer::gaveUp(const std::string& device) { impl_->fencing.gaveUp(device); }

Result<std::vector<Healer::Watched>> Healer::toWatch() {
  Rows now;
  std::vector<Watched> watched;
  const auto read =
      impl_->context.store.transact([](Txn& txn) -> Result<std::vector<Device>> { return txn.devices().list(); });
  if (!read) return read.error();
  for (const auto& device : *read) {
    if (device.status == DeviceStatus::Deleted) continue;
    watched.push_back({device.name, device.address});
    now.emplace(device.name, device);
  }
  impl_->fencing.forgetDestroyed(*read);
  impl_->rows.lock()->swap(now);
  return watched;
}

Breaker& Healer::breaker() { return impl_->breaker; }

Healer::Sums Healer::sums() const {
  auto sums = *impl_->sums.lock();
  sums.two_holders = impl_->fencing.twoHolders();
  return sums;
}

const metrics::Histogram& Healer::detection() const { return impl_->detection; }
const metrics::Histogram& Healer::decision() const { return impl_->decision; }
const metrics::Histogram& Healer::fencing() const { return impl_->fencing.duration(); }

}  // namespace libra::service
