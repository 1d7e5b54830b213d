#include "sidecar/haproxy/haproxy_driver.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lib/log/log.h"
#include "sidecar/haproxy/check_config.h"
#include "sidecar/haproxy/cold_start.h"
#include "sidecar/haproxy/config_text.h"
#include "sidecar/haproxy/execute.h"
#include "sidecar/haproxy/explain.h"
#include "sidecar/haproxy/listening_sockets.h"
#include "sidecar/haproxy/node_health.h"
#include "sidecar/haproxy/usage.h"
#include "sidecar/haproxy/wanted.h"
#include "sidecar/haproxy/words.h"

namespace libra::sidecar::haproxy {

namespace {

constexpr log::Logger kLog{"haproxy"};

using protocol::DeviceState;

// Node id → whether the proxy has it exactly as wanted.
std::map<std::string, bool> compareNodes(const DeviceState& live, const DeviceState& wanted) {
  std::map<std::string, bool> same;
  for (const auto& balancer : wanted.load_balancers) {
    const auto runs = std::find_if(live.load_balancers.begin(), live.load_balancers.end(),
                                   [&](const auto& other) { return other.id == balancer.id; });
    for (const auto& node : balancer.nodes)
      same[node.id] = runs != live.load_balancers.end() &&
                      std::find(runs->nodes.begin(), runs->nodes.end(), node) != runs->nodes.end();
  }
  return same;
}

// Each thing once, in the order it is first touched.
std::vector<std::string> subjectsOf(const Plan& plan) {
  std::vector<std::string> subjects;
  for (const auto& stage : plan.stages)
    for (const auto& step : stage)
      if (auto subject = subjectOf(step);
          !subject.empty() && std::find(subjects.begin(), subjects.end(), subject) == subjects.end())
        subjects.push_back(std::move(subject));
  return subjects;
}

// Of anything that HAProxy has a certificate or an authority for.
bool concernsTls(const DeviceState& wanted) {
  return std::ranges::any_of(wanted.load_balancers,
                             [](const auto& balancer) { return balancer.tls || !balancer.node_tls.ca.empty(); });
}

std::vector<int> slotsThatChange(const Placements& places) {
  std::vector<int> slots;
  for (const auto& [id, at] : places) {
    if (!at.fresh()) continue;
    slots.push_back(at.slot);
    if (at.moves()) slots.push_back(at.previous);
  }
  return slots;
}

Result<Steering> openSteering(const DriverConfig& config) {
  const auto refuse = [](const char* why) { return Error{ErrorCode::Unavailable, "No steering", why}; };
  if (config.steering.empty()) return refuse("not in the settings");
  if (config.ports.empty()) return refuse("no catalogue port to lead connections to");
  return Steering::open(config.steering);
}

}  // namespace

HaproxyDriver::HaproxyDriver(DriverConfig config, Base base, std::string version, Result<Steering> steering,
                             const Clock& clock)
    : config_(std::move(config)),
      base_(std::move(base)),
      version_(std::move(version)),
      steering_(std::move(steering)),
      clock_(clock),
      blue_green_(config_, cold_starts_, clock),
      upkeep_(clock) {}

Listening HaproxyDriver::listening() const {
  const auto management = readEndpoint(config_.management);
  return {config_.ports, static_cast<bool>(steering_), management ? management->port : std::uint16_t{0},
          blue_green_.possible()};
}

Result<RuntimeSocket> HaproxyDriver::connect() const { return RuntimeSocket::open(config_.stats_socket, clock_); }

Result<Applied> HaproxyDriver::apply(const DeviceState& wanted) {
  const auto started = clock_.monotonic();
  const auto state = normalised(wanted, listening());
  if (!state) return state.error();
  auto socket = connect();
  if (!socket) return socket.error();

  auto applied = applyOnce(*socket, *state);
  // Somebody at the stats socket may have come between reading and changing; once.
  if (!applied && applied.error().code == ErrorCode::Conflict) {
    kLog.warn("{}; trying again", applied.error().detail);
    applied = applyOnce(*socket, *state);
  }
  if (!applied) return applied.error();
  applied->duration = std::chrono::duration_cast<std::chrono::microseconds>(clock_.monotonic() - started);
  return applied;
}

Result<Applied> HaproxyDriver::applyOnce(RuntimeSocket& socket, const DeviceState& wanted) {
  auto live = readRunning(socket, concernsTls(wanted));
  if (!live) return live.error();
  const auto running = generationOf(live->state);
  if (wanted.generation != 0 && wanted.generation < running) return Applied{running, Mechanism::None, {}, {}, {}};

  const auto exchanged = exchange(socket, *live, wanted);
  if (!exchanged) return exchanged.error();
  const auto changes = planFor(socket, live->state, wanted);
  if (!changes) return changes.error();
  if (!changes->empty()) {
    for (const auto& stage : changes->stages)
      if (auto status = execute(socket, stage); !status) return status.error();
    if (auto status = readAgain(socket, Parts::changedBy(*changes), *live); !status) return status.error();
    const auto rest = planFor(socket, live->state, wanted);
    if (!rest) return rest.error();
    if (!rest->empty()) return Error{ErrorCode::Conflict, "The proxy does not run what was configured", "read back"};
  }
  const auto steered = steer(wanted);
  if (!steered) return steered.error();
  const auto state = describe(live->state);
  Applied applied{state.generation, changes->mechanism, {}, compareNodes(state, wanted), subjectsOf(*changes)};
  if (*steered) applied.mechanism = std::max(applied.mechanism, Mechanism::Steer);
  if (*exchanged) {
    applied.mechanism = std::max(applied.mechanism, Mechanism::BlueGreen);
    applied.changed.insert(applied.changed.begin(), "process");
  }
  return applied;
}

// Another process where the running one was not started with what is wanted: for a port it has
// not bound, after a crash for the slots that were not in use, or when this sidecar's
// configuration is another. True when `socket` leads to it now,
// and `live` is of it.
Result<bool> HaproxyDriver::exchange(RuntimeSocket& socket, RunningState& live, const DeviceState& wanted) {
  const Base base{base_.fingerprint, portsFor(wanted)};
  auto running = live.process;
  if (running.base && running.base->covers(base)) return false;
  if (!running.base) running.base = Base{0, base_.ports};  // started by hand, from what may be ours

  const auto before = readLive(socket);
  if (!before) return before.error();
  const auto state = coldState(wanted);
  if (!state) return state.error();
  if (const auto done = blue_green_.exchange(socket, running, configWith(base.ports), base, *state); !done) {
    if (!running.base->binds(base.ports)) return done.error();
    kLog.warn("HAProxy goes on as it was started, by a crash, other settings or another version: {}: {}",
              done.error().message, done.error().detail);
    return false;
  }
  auto successor = readLive(socket);
  if (!successor) return successor.error();
  if (auto status = execute(socket, stillDown(*before, *successor)); !status) return status.error();
  live = *std::move(successor);
  return true;
}

std::set<std::uint16_t> HaproxyDriver::portsFor(const DeviceState& wanted) const {
  auto ports = base_.ports;
  if (steering_) return ports;
  for (const auto& balancer : wanted.load_balancers)
    for (const auto port : portsOf(balancer)) ports.insert(port);
  return ports;
}

// Those of the settings stay where they are: steering leads to the first one.
DriverConfig HaproxyDriver::configWith(const std::set<std::uint16_t>& ports) const {
  auto config = config_;
  for (const auto port : ports)
    if (!base_.ports.count(port)) config.ports.push_back(port);
  return config;
}

// Last: what a connection is led to, it finds there. True when something changed.
Result<bool> HaproxyDriver::steer(const DeviceState& wanted) const {
  if (!steering_) return false;
  if (auto status = leadToProxy(); !status) return status.error();
  const auto live = steering_->destinations();
  if (!live) return live.error();
  const auto changes = planSteering(*live, destinationsOf(wanted));
  if (auto status = steering_->change(changes); !status) return status.error();
  return !changes.empty();
}

// A restarted HAProxy has new sockets; the kernel forgot the old ones when they closed.
Status HaproxyDriver::leadToProxy() const {
  if (steering_->leads()) return ok();
  const auto sockets = fetchListeningSockets(config_.stats_socket, config_.ports.front());
  if (!sockets) return sockets.error();
  kLog.info("connections are led to the proxy that listens now");
  return steering_->leadTo(sockets->v4.get(), sockets->v6.get());
}

void HaproxyDriver::attend() {
  if (!steering_) return;
  if (auto status = leadToProxy(); !status) kLog.debug("nobody to lead connections to: {}", status.error().detail);
}

Result<Plan> HaproxyDriver::planFor(RuntimeSocket& socket, const ProxyState& live, const DeviceState& wanted) const {
  const auto places = place(live, wanted);
  if (!places) return places.error();
  std::map<int, Counters> totals;
  if (const auto slots = slotsThatChange(*places); !slots.empty()) {
    auto read = readTotals(socket, slots);
    if (!read) return read.error();
    totals = *std::move(read);
  }
  return plan(live, layOut(live, wanted, *places, totals, clock_.now()));
}

Result<DeviceState> HaproxyDriver::live() {
  auto socket = connect();
  if (!socket) return socket.error();
  const auto read = readRunning(*socket);
  if (!read) return read.error();
  return describe(read->state);
}

Result<std::map<std::string, NodeCheck>> HaproxyDriver::health() {
  auto socket = connect();
  if (!socket) return socket.error();
  const auto read = readLive(*socket);
  if (!read) return read.error();
  return healthOf(*read);
}

bool HaproxyDriver::checksItself(const protocol::MonitorState& monitor) const { return haproxy::checksItself(monitor); }

Status HaproxyDriver::setHealth(const std::map<std::string, protocol::NodeHealth>& nodes) {
  auto socket = connect();
  if (!socket) return socket.error();
  const auto read = readLive(*socket);
  if (!read) return read.error();

  return execute(*socket, toldHealth(*read, nodes));
}

Result<Usage> HaproxyDriver::usage() {
  auto socket = connect();
  if (!socket) return socket.error();
  auto serving = readUsage(*socket);
  if (!serving) return serving.error();
  std::erase_if(blue_green_.predecessors(), [&](auto& predecessor) {
    auto read = readUsage(predecessor);
    if (read) serving->usage.predecessors.push_back(std::move(read->usage));
    return !read || read->final;
  });
  return std::move(serving->usage);
}

Capabilities HaproxyDriver::capabilities() const {
  Capabilities capabilities{"haproxy",
                            version_,
                            {"http",
                             "tcp",
                             "galera",
                             "round-robin",
                             "least-connections",
                             "random",
                             "drain",
                             "access-list",
                             "throttle",
                             "error-page",
                             "suspend",
                             "forwarded-headers",
                             "proxy-protocol",
                             "http-proxy-protocol",
                             "connection-logging",
                             "half-closed",
                             "tls",
                             "tls-sni",
                             "https-redirect",
                             "node-tls",
                             "monitor-connect",
                             "monitor-http",
                             "monitor-https",
                             "monitor-regex"},
                            static_cast<int>(kMaxLoadBalancers)};
  const bool extensible = blue_green_.possible();
  if (steering_ || extensible) capabilities.words.push_back("any-port");
  capabilities.listening = steering_ ? "any port" : "catalogue ports: " + steering_.error().detail;
  if (!steering_ && extensible) capabilities.listening += "; others by another process";
  for (auto port : config_.ports) capabilities.words.push_back(fmt::format("catalogue:{}", port));
  return capabilities;
}

Result<std::string> HaproxyDriver::explain() {
  auto socket = connect();
  if (!socket) return socket.error();
  const auto read = readLive(*socket);
  if (!read) return read.error();
  return fmt::format("HAProxy {} at {}, ", version_, config_.stats_socket) + haproxy::explain(*read);
}

Result<ProxyState> HaproxyDriver::coldState(const DeviceState& wanted) const {
  const auto places = place(ProxyState{}, wanted);
  if (!places) return places.error();
  return layOut(ProxyState{}, wanted, *places, {}, clock_.now()).state;
}

// A port that is not in the settings only when the running process could bind it: what
// cannot be bound would keep HAProxy from starting.
Result<ColdStart> HaproxyDriver::coldStart(const DeviceState& wanted) {
  const auto normal = normalised(wanted, listening());
  if (!normal) return normal.error();
  const auto state = coldState(*normal);
  if (!state) return state.error();
  auto ports = portsFor(*normal);
  auto socket = connect();
  const auto running = socket ? readProcess(*socket) : socket.error();
  const auto base = running && running->base ? *running->base : base_;
  std::erase_if(ports, [&](auto port) { return !base_.ports.count(port) && !base.ports.count(port); });
  return ColdStart([this, turn = cold_starts_.turn(), config = configWith(ports), state = *state] {
    return cold_starts_.write(turn, config, state, extentFor(state));
  });
}

// After a crash clients wait, so what is in use serves first; another process takes over from
// that one at the next apply(). A spare is given out only when its proxy has every slot.
Extent HaproxyDriver::extentFor(const ProxyState& state) const {
  return blue_green_.possible() && !state.balancers.empty() ? Extent::SlotsInUse : Extent::EverySlot;
}

Result<std::map<std::string, NodeCheck>> HaproxyDriver::tick() {
  auto socket = connect();
  if (!socket) return socket.error();
  const auto read = readLive(*socket);
  if (!read) return read.error();
  upkeep_.run(*socket, *read);
  return healthOf(*read);
}

Result<std::unique_ptr<Driver>> makeHaproxy(const DriverConfig& config, const Clock& clock) {
  auto version = versionOf(config.binary);
  if (!version) return version.error();
  auto base = baseOf(config);
  if (!base) return base.error();
  auto steering = openSteering(config);
  if (steering)
    kLog.info("connections to any port are steered to the proxy");
  else
    kLog.warn("no steering, only the catalogue ports: {}", steering.error().detail);
  return std::unique_ptr<Driver>(
      std::make_unique<HaproxyDriver>(config, *std::move(base), *std::move(version), std::move(steering), clock));
}

Status writeBaseConfig(const DriverConfig& config) {
  if (hasColdStart(config)) return ok();
  return haproxy::writeColdStart(config, ProxyState{});
}

}  // namespace libra::sidecar::haproxy
