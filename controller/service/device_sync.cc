#include "controller/service/device_sync.h"

#include <algorithm>
#include <atomic>
#include <set>

#include "controller/service/settlement.h"
#include "controller/service/wanted_state.h"
#include "lib/log/log.h"

namespace libra::service {

namespace {

constexpr log::Logger kLog{"sync"};
constexpr int kMostPerSweep = 500;
constexpr std::uint64_t kMaxGeneration = std::uint64_t{1} << 53;  // what JSON carries exactly

// How a job ended.
struct Outcome {
  std::uint64_t applied = 0;  // what the device runs; 0: not what it was given
  bool answered = true;
  std::string text, detail;
};

Outcome outcomeOf(std::uint64_t sent, const Result<protocol::Answer>& answer) {
  if (!answer) return {0, false, answer.error().message, answer.error().detail};
  if (!answer->pass && !answer->already_newer) return {0, true, answer->error, "the device answered FAIL"};
  // An ancestor's worker names no generation.
  const auto runs = answer->generation == 0 ? sent : answer->generation;
  if (runs >= sent && runs < kMaxGeneration) return {runs, true, "", ""};
  return {0, true, "Load Balancer error", "the device runs generation " + std::to_string(runs)};
}

}  // namespace

struct DeviceSync::Impl : std::enable_shared_from_this<Impl> {
  Impl(Context c, DeviceGateway& g, Run r, Options o, std::function<void()> told)
      : context(std::move(c)), gateway(g), run(std::move(r)), options(o), released(std::move(told)) {}

  void start(std::int64_t device, bool woken);
  bool enter(std::int64_t device, bool woken);
  void loadAndSend(std::int64_t device);
  void send(std::int64_t device, const DeviceJob& job);
  Result<std::optional<DeviceJob>> load(std::int64_t device);
  void measure(Instant sent, double device_ms) const;
  void settle(std::int64_t device, std::uint64_t generation, const Outcome& outcome);
  void finish(std::int64_t device, bool more);
  void look();
  void settleOverdue(std::int64_t device);
  void tell(const Settled& settled);

  const Context context;
  DeviceGateway& gateway;
  const Run run;
  const Options options;
  const std::function<void()> released;
  Locked<std::map<std::int64_t, bool>> under_way;  // device → woken again meanwhile
  std::atomic<bool> looking{false};
};

// False: a job for it is under way; with `woken` it is looked at again after that.
bool DeviceSync::Impl::enter(std::int64_t device, bool woken) {
  auto jobs = under_way.lock();
  const auto [job, fresh] = jobs->try_emplace(device, false);
  if (!fresh) job->second |= woken;
  return fresh;
}

void DeviceSync::Impl::start(std::int64_t device, bool woken) {
  if (!enter(device, woken)) return;
  run([self = shared_from_this(), device] { self->loadAndSend(device); });
}

void DeviceSync::Impl::loadAndSend(std::int64_t device) {
  const auto job = load(device);
  if (!job) kLog.warn("device {}: cannot read what it shall run: {}", device, job.error().detail);
  if (!job || !*job) return finish(device, false);
  send(device, **job);
}

void DeviceSync::Impl::send(std::int64_t device, const DeviceJob& job) {
  const auto generation = job.state.generation;
  const auto sent = context.clock.monotonic();
  gateway.update(job.device, job.state,
                 [weak = weak_from_this(), device, generation, sent](Result<protocol::Answer> answer) {
                   const auto self = weak.lock();
                   if (!self) return;
                   if (answer && answer->pass) self->measure(sent, answer->ms);
                   self->run([self, device, generation, outcome = outcomeOf(generation, answer)] {
                     self->settle(device, generation, outcome);
                   });
                 });
}

// The device's clock is its own business: it cannot have taken longer than the round trip.
void DeviceSync::Impl::measure(Instant sent, double device_ms) const {
  if (!options.phases) return;
  using Nanoseconds = std::chrono::nanoseconds;
  const Nanoseconds round_trip = context.clock.monotonic() - sent;
  const double told = std::clamp(device_ms * 1e6, 0.0, static_cast<double>(round_trip.count()));
  const Nanoseconds device(static_cast<Nanoseconds::rep>(told));
  options.phases->device.observe(device);
  options.phases->gearman.observe(round_trip - device);
}

// None: nothing is due.
Result<std::optional<DeviceJob>> DeviceSync::Impl::load(std::int64_t id) {
  return context.store.transact([&](Txn& txn) -> Result<std::optional<DeviceJob>> {
    // The generation first: what is read after it can only be newer, and is then sent again.
    const auto device = txn.devices().find(id);
    if (!device || device->applied_generation >= device->generation || device->next_due > context.clock.now())
      return std::optional<DeviceJob>();
    const auto load_balancers = txn.loadBalancers().onDevice(id);
    return std::optional(DeviceJob{device->name, wantedState(*device, load_balancers, txn.vips().ofDevice(id))});
  });
}

void DeviceSync::Impl::settle(std::int64_t device, std::uint64_t generation, const Outcome& outcome) {
  if (outcome.applied == 0)
    kLog.warn("device {} did not take generation {}: {} ({})", device, generation, outcome.text, outcome.detail);
  const auto settled = context.store.transact([&](Txn& txn) -> Result<Settled> {
    Settlement settlement(txn, context, options);
    if (outcome.applied != 0) return settlement.applied(device, outcome.applied);
    return settlement.failed(device, generation, outcome.text, outcome.answered);
  });
  // A result that cannot be stored is asked for again by the next sweep.
  if (!settled) kLog.warn("device {}: cannot store the end of a job: {}", device, settled.error().detail);
  if (settled) tell(*settled);
  finish(device, settled && settled->more);
}

void DeviceSync::Impl::finish(std::int64_t device, bool more) {
  {
    auto jobs = under_way.lock();
    const auto job = jobs->find(device);
    if (!more && !job->second) {
      jobs->erase(job);
      return;
    }
    job->second = false;
  }
  run([self = shared_from_this(), device] { self->loadAndSend(device); });
}

void DeviceSync::Impl::tell(const Settled& settled) {
  for (const auto& [name, by] : settled.counters) context.counters.add(name, by);
  for (const auto device : settled.due) start(device, true);
  if (settled.released && released) released();
}

void DeviceSync::Impl::look() {
  const int busy = static_cast<int>(under_way.lock()->size());  // they may be due as well, and take no one's place
  const auto shards = context.leases.shards();
  std::vector<std::int64_t> due;
  std::set<std::int64_t> late;
  const auto seen = context.store.transact([&](Txn& txn) -> Status {
    const auto now = context.clock.now();
    due = txn.devices().due(now, busy + kMostPerSweep, shards);
    late.clear();
    for (const auto& [lb, device] : txn.loadBalancers().overdue(now, kMostPerSweep))
      if (model::contains(shards, device)) late.insert(device);
    return ok();
  });
  if (!seen) return kLog.warn("cannot look for due work: {}", seen.error().detail);
  for (const auto device : late) settleOverdue(device);
  for (const auto device : due) start(device, false);
}

void DeviceSync::Impl::settleOverdue(std::int64_t device) {
  const auto tenure = context.leases.ofDevice(device);
  if (!tenure) return;
  const auto settled = context.store.transact([&](Txn& txn) -> Result<Settled> {
    if (auto ours = fence(txn, *tenure); !ours) return ours.error();
    return Settlement(txn, context, options).overdue(device);
  });
  if (!settled) return kLog.warn("device {}: cannot end what is overdue: {}", device, settled.error().detail);
  kLog.warn("device {}: changes ended at their deadline", device);
  tell(*settled);
}

DeviceSync::DeviceSync(Context context, DeviceGateway& gateway, Run run, Options options,
                       std::function<void()> released)
    : impl_(std::make_shared<Impl>(std::move(context), gateway, std::move(run), options, std::move(released))) {}

DeviceSync::~DeviceSync() = default;

void DeviceSync::wake(std::int64_t device) { impl_->start(device, true); }

void DeviceSync::begin(std::int64_t device, DeviceJob job) {
  if (impl_->enter(device, true)) impl_->run([self = impl_, device, job = std::move(job)] { self->send(device, job); });
}

void DeviceSync::sweep() {
  if (impl_->looking.exchange(true)) return;
  impl_->run([self = impl_] {
    self->look();
    self->looking = false;
  });
}

int DeviceSync::underWay() const { return static_cast<int>(impl_->under_way.lock()->size()); }

}  // namespace libra::service
