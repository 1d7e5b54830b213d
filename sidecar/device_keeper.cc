#include "sidecar/device_keeper.h"

#include <algorithm>

#include "lib/log/log.h"

namespace libra::sidecar {

namespace {

constexpr log::Logger kLog{"keeper"};
constexpr std::chrono::seconds kRepairPeriod{30};
constexpr std::chrono::seconds kSamplePeriod{5};

// Whether some load balancer of `before` ends, and its counters with it.
bool endsSome(const protocol::DeviceState& before, const protocol::DeviceState& after) {
  return std::any_of(before.load_balancers.begin(), before.load_balancers.end(), [&](const auto& lb) {
    return std::none_of(after.load_balancers.begin(), after.load_balancers.end(),
                        [&](const auto& other) { return other.id == lb.id && other.protocol == lb.protocol; });
  });
}

}  // namespace

Status DeviceKeeper::load() {
  auto stored = file_.read();
  if (!stored) return stored.error();
  stored_ = *std::move(stored);
  cold_start_due_ = !stored_.deleted;
  repair_due_ = cold_start_due_ || stored_.state.generation != 0;
  return ok();
}

Result<Applied> DeviceKeeper::apply(protocol::DeviceState wanted) {
  if (const auto admitted = stored_.vips.admit(wanted.virtual_ips); !admitted) return admitted.error();
  if (endsSome(stored_.state, wanted)) sampleBeforeTheEnd();
  if (const auto kept = remember(std::move(wanted), false); !kept) return kept.error();
  return repair();
}

Status DeviceKeeper::clear() {
  protocol::DeviceState nothing;
  nothing.generation = stored_.state.generation;  // so that a late, older job stays older
  sampleBeforeTheEnd();
  if (auto kept = remember(std::move(nothing), true); !kept) return kept;
  const auto applied = repair();
  return applied ? ok() : Status(applied.error());
}

Result<Applied> DeviceKeeper::repair() {
  repair_due_ = true;  // until all of it is true
  next_repair_ = clock_.monotonic() + kRepairPeriod;
  if (const auto dropped = dropSurplus(); !dropped) return dropped.error();
  auto applied = driver_.apply(stored_.state);
  if (!applied) return applied.error();
  applied_generation_ = applied->generation;
  if (stored_.state.generation != 0 && applied->generation > stored_.state.generation) return newerRuns(*applied);
  if (const auto held = holdWanted(); !held) return held.error();
  repair_due_ = false;
  return applied;
}

// The proxy survived a state that this disk did not: VIPs of the older one are not its own.
Applied DeviceKeeper::newerRuns(Applied applied) {
  kLog.warn("the proxy runs generation {}, newer than the stored {}", applied.generation, stored_.state.generation);
  repair_due_ = false;
  return applied;
}

Status DeviceKeeper::remember(protocol::DeviceState wanted, bool deleted) {
  Stored next = stored_;
  if (!wanted.virtual_ips.empty()) {
    const auto present = vips_.present();
    if (!present) return present.error();
    next.vips.want(wanted.virtual_ips, *present);
  }
  next.state = std::move(wanted);
  next.deleted = deleted;
  if (next == stored_) return ok();
  if (auto written = file_.write(next); !written) return written;
  stored_ = std::move(next);
  cold_start_due_ = true;
  return ok();
}

Status DeviceKeeper::dropSurplus() {
  for (const auto& [address, prefix] : stored_.vips.surplus(stored_.state.virtual_ips)) {
    if (auto dropped = vips_.drop(address, prefix); !dropped) return dropped;
    stored_.vips.dropped(address);  // on disk with the next state; dropping twice does no harm
  }
  return ok();
}

Status DeviceKeeper::holdWanted() {
  for (auto vip : stored_.state.virtual_ips) {
    vip.prefix = stored_.vips.entries().at(vip.address).prefix;
    if (auto held = vips_.hold(vip); !held) return held;
  }
  return ok();
}

Status DeviceKeeper::sampleUsage() {
  next_sample_ = clock_.monotonic() + kSamplePeriod;
  const auto usage = driver_.usage();
  if (!usage) return usage.error();
  usage_.sample(*usage);
  return ok();
}

// Of load balancers that go away now. A proxy that is down has told all it will tell.
void DeviceKeeper::sampleBeforeTheEnd() {
  auto status = sampleUsage();
  if (status) status = usage_.save();
  if (!status) kLog.warn("usage may be lost: {}", status.error().detail);
}

// A proxy that does not answer, or that began anew, may have lost what it ran.
void DeviceKeeper::watchProxy() {
  const auto known = usage_.record().proxy_start;
  const auto sampled = sampleUsage();
  if (!sampled) kLog.warn("the proxy does not answer: {}", sampled.error().detail);
  if (!sampled || known != usage_.record().proxy_start) repair_due_ = true;
}

bool DeviceKeeper::upkeep() {
  driver_.tick();
  if (stored_.deleted && !repair_due_) return false;
  const Instant now = clock_.monotonic();
  if (now >= next_sample_) watchProxy();
  if (!repair_due_ && now < next_repair_) return false;

  if (const auto saved = usage_.save(); !saved) kLog.warn("usage not on disk: {}", saved.error().detail);
  const auto repaired = repair();
  if (!repaired)
    kLog.warn("not as wanted yet: {}: {}", repaired.error().message, repaired.error().detail);
  else if (repaired->mechanism != Mechanism::None)
    kLog.info("repaired to generation {}", repaired->generation);
  return true;
}

Status DeviceKeeper::writeColdStart() {
  auto written = driver_.writeColdStart(stored_.state);
  if (written) cold_start_due_ = false;
  return written;
}

}  // namespace libra::sidecar
