#include "sidecar/device_keeper.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "lib/log/log.h"

namespace libra::sidecar {

namespace {

constexpr log::Logger kLog{"keeper"};
constexpr std::chrono::seconds kRepairPeriod{30};
constexpr std::chrono::seconds kSamplePeriod{5};
constexpr std::size_t kMostEvents = 20;
constexpr std::chrono::minutes kEventLife{10};

std::string listed(const std::vector<std::string>& things) {
  constexpr std::size_t kMost = 8;
  const auto shown = std::min(things.size(), kMost);
  return fmt::format("{}{}", fmt::join(things.begin(), things.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                     shown < things.size() ? ", …" : "");
}

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
  trustVips();
  return repair();
}

Status DeviceKeeper::yield(const NetAddress& address, std::uint64_t epoch) {
  auto& vips = stored_.state.virtual_ips;
  const auto ours = std::find_if(vips.begin(), vips.end(), [&](const auto& vip) { return vip.address == address; });
  if (ours == vips.end() || ours->epoch > epoch) return ok();
  kLog.warn("{} belongs to another device, by epoch {} over {}", address.str(), epoch, ours->epoch);
  auto next = stored_;
  std::erase_if(next.state.virtual_ips, [&](const auto& vip) { return vip.address == address; });
  next.vips.entries()[address].epoch = epoch;
  stored_ = std::move(next);
  auto dropped = dropSurplus();  // first: every moment counts, and a restart asks again
  save();
  const auto written = saved();
  return dropped ? written : dropped;
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
  const auto kept = saved();
  if (!applied) return applied.error();
  applied_generation_ = applied->generation;
  if (applied->mechanism == Mechanism::BlueGreen) {
    sampleBeforeTheEnd();
    cold_start_due_ = true;  // the one in place is what this process started from
  }
  if (stored_.state.generation != 0 && applied->generation > stored_.state.generation) return newerRuns(*applied);
  if (!kept) return kept.error();
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
  stored_ = std::move(next);
  cold_start_due_ = true;
  save();
  return ok();
}

// The proxy does not wait for the disk: a sidecar that dies before that finds a proxy which
// runs a newer state than it remembers.
void DeviceKeeper::save() {
  if (saving_.valid()) saving_.wait();
  saved_ = false;
  saving_ = std::async(std::launch::async, [this, state = stored_] { return file_.write(state); });
}

Status DeviceKeeper::saved() {
  if (!saving_.valid() && !saved_) save();
  if (!saving_.valid()) return ok();
  const auto written = saving_.get();
  saved_ = bool(written);
  return written;
}

Status DeviceKeeper::dropSurplus() {
  for (const auto& [address, prefix] : stored_.vips.surplus(stored_.state.virtual_ips)) {
    if (auto dropped = vips_.drop(address, prefix); !dropped) return dropped;
    stored_.vips.dropped(address);  // on disk with the next state; dropping twice does no harm
  }
  return ok();
}

Status DeviceKeeper::holdWanted() {
  const auto present = vips_trusted_ ? Result(std::set<NetAddress>()) : vips_.present();
  if (!present) return present.error();
  Status all = ok();
  for (auto vip : stored_.state.virtual_ips) {
    if (!mayHold(vip.address, *present)) {
      all = Error{ErrorCode::Unavailable, "Virtual IP " + vip.address.str() + " is not known to be ours yet"};
      continue;
    }
    vip.prefix = stored_.vips.entries().at(vip.address).prefix;
    if (auto held = vips_.hold(vip); !held) return held;
  }
  return all;
}

bool DeviceKeeper::mayHold(const NetAddress& vip, const std::set<NetAddress>& present) const {
  return vips_trusted_ || present.contains(vip) || undefended_.contains(vip);
}

bool DeviceKeeper::trustUndefended() {
  if (vips_trusted_) return true;
  std::set<NetAddress> wanted;
  for (const auto& vip : stored_.state.virtual_ips) wanted.insert(vip.address);
  const auto elsewhere = vips_.heldElsewhere(wanted);
  if (!elsewhere) return kLog.warn("neighbours cannot be asked for VIPs: {}", elsewhere.error().detail), false;
  for (const auto& vip : *elsewhere) kLog.warn("{} is not taken up: a neighbour has it", vip.str());
  undefended_.clear();  // what was free when it was asked before may be somebody's now
  std::set_difference(wanted.begin(), wanted.end(), elsewhere->begin(), elsewhere->end(),
                      std::inserter(undefended_, undefended_.end()));
  if (elsewhere->empty()) trustVips();
  return vips_trusted_;
}

Status DeviceKeeper::sampleUsage() {
  next_sample_ = clock_.monotonic() + kSamplePeriod;
  const auto usage = driver_.usage();
  if (!usage) return usage.error();
  usage_.sample(*usage);
  return ok();
}

// Of load balancers, or a process, that go away now. A proxy that is down has told all it will tell.
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

Result<std::map<std::string, protocol::NodeStatus>> DeviceKeeper::nodeStatus() {
  auto health = driver_.health();
  if (!health) return health.error();
  checks_.explain(*health);
  history_.observe(*health);
  return history_.nodes();
}

void DeviceKeeper::watchNodes(Result<std::map<std::string, NodeCheck>> health) {
  const auto status = health ? checks_.keepUp(stored_.state, *health) : Status(health.error());
  if (!status) return kLog.debug("nodes not seen: {}", status.error().detail);
  checks_.explain(*health);
  history_.observe(*health);
}

bool DeviceKeeper::upkeep() {
  const Instant now = clock_.monotonic();
  const bool idle = stored_.deleted && !repair_due_;
  // Before the driver's work: what it deletes takes its counters along, and has been unused
  // for longer than a sample may be old.
  if (!idle && now >= next_sample_) watchProxy();
  auto health = driver_.tick();
  if (idle) return false;
  watchNodes(std::move(health));
  if (!repair_due_ && now < next_repair_) return false;

  if (const auto saved = usage_.save(); !saved) kLog.warn("usage not on disk: {}", saved.error().detail);
  const auto repaired = repair();
  if (!repaired)
    kLog.warn("not as wanted yet: {}: {}", repaired.error().message, repaired.error().detail);
  else if (!repaired->changed.empty())
    tell(*repaired);
  return true;
}

// Somebody at the proxy's socket, a proxy that began anew, a job that did not end.
void DeviceKeeper::tell(const Applied& repaired) {
  auto text = fmt::format("generation {} repaired on the proxy, {} differences: {}", repaired.generation,
                          repaired.changed.size(), listed(repaired.changed));
  kLog.warn("{}", text);
  if (events_.size() == kMostEvents) events_.pop_front();
  events_.push_back({clock_.now(), std::move(text)});
}

std::vector<protocol::DeviceEvent> DeviceKeeper::events() const {
  std::vector<protocol::DeviceEvent> recent;
  std::copy_if(events_.begin(), events_.end(), std::back_inserter(recent),
               [&](const auto& event) { return clock_.now() - event.at < kEventLife; });
  return recent;
}

Result<ColdStart> DeviceKeeper::coldStart() {
  auto prepared = driver_.coldStart(stored_.state);
  if (prepared) cold_start_due_ = false;
  return prepared;
}

}  // namespace libra::sidecar
