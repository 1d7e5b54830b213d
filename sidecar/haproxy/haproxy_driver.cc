#include "sidecar/haproxy/haproxy_driver.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/log/log.h"
#include "sidecar/haproxy/check_config.h"
#include "sidecar/haproxy/cold_start.h"
#include "sidecar/haproxy/config_text.h"
#include "sidecar/haproxy/descriptor.h"
#include "sidecar/haproxy/execute.h"
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

std::vector<int> slotsThatChange(const Placements& places) {
  std::vector<int> slots;
  for (const auto& [id, at] : places) {
    if (!at.fresh()) continue;
    slots.push_back(at.slot);
    if (at.moves()) slots.push_back(at.previous);
  }
  return slots;
}

bool isDue(const ServerActivity& server, const OptionClass& option_class) {
  const auto wait = option_class.quarantine();
  return server.sessions == 0 && server.since_change >= wait && server.since_session.value_or(wait) >= wait;
}

}  // namespace

Result<RuntimeSocket> HaproxyDriver::connect() const { return RuntimeSocket::open(config_.stats_socket, clock_); }

Result<Applied> HaproxyDriver::apply(const DeviceState& wanted) {
  const auto started = clock_.monotonic();
  const auto state = normalised(wanted, config_.ports);
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

Result<Applied> HaproxyDriver::applyOnce(RuntimeSocket& socket, const DeviceState& wanted) const {
  auto live = readLive(socket);
  if (!live) return live.error();
  const auto running = describe(live->state).generation;
  if (wanted.generation != 0 && wanted.generation < running) return Applied{running, Mechanism::None, {}, {}};

  const auto changes = planFor(socket, live->state, wanted);
  if (!changes) return changes.error();
  if (!changes->empty()) {
    for (const auto& stage : changes->stages)
      if (auto status = execute(socket, stage); !status) return status.error();
    live = readLive(socket);
    if (!live) return live.error();
    const auto rest = planFor(socket, live->state, wanted);
    if (!rest) return rest.error();
    if (!rest->empty()) return Error{ErrorCode::Conflict, "The proxy does not run what was configured", "read back"};
  }
  const auto state = describe(live->state);
  return Applied{state.generation, changes->mechanism, {}, compareNodes(state, wanted)};
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
  const auto read = readLive(*socket);
  if (!read) return read.error();
  return describe(read->state);
}

Result<std::map<std::string, protocol::NodeHealth>> HaproxyDriver::health() {
  auto socket = connect();
  if (!socket) return socket.error();
  const auto read = readLive(*socket);
  if (!read) return read.error();

  std::map<std::string, protocol::NodeHealth> health;
  for (const auto& server : read->activity) {
    const auto name = ServerName::parse(server.name);
    const auto descriptor = descriptorOf(read->state, server.backend);
    const bool retired = read->state.servers.at(server.backend).at(server.name).retired();
    if (!name || !descriptor || retired) continue;
    health[name->node] = server.up ? protocol::NodeHealth::Up : protocol::NodeHealth::Down;
  }
  return health;
}

Result<Usage> HaproxyDriver::usage() {
  auto socket = connect();
  if (!socket) return socket.error();
  const auto process = readProcess(*socket);
  if (!process) return process.error();
  const auto read = readLive(*socket);
  if (!read) return read.error();
  const auto totals = readTotals(*socket);
  if (!totals) return totals.error();

  Usage usage{*process, {}};
  for (const auto& [slot, text] : read->state.balancers) {
    const auto descriptor = Descriptor::parse(text);
    if (!descriptor) continue;
    const auto found = totals->find(descriptor->backend.slot);
    const auto total = found == totals->end() ? Counters{} : found->second;
    const auto& base = descriptor->baseline;
    auto since = [](std::int64_t now, std::int64_t then) {
      return static_cast<std::uint64_t>(std::max<std::int64_t>(now - then, 0));
    };
    usage.load_balancers.push_back({descriptor->balancer.id, descriptor->balancer.protocol,
                                    since(total.bytes_in, base.bytes_in), since(total.bytes_out, base.bytes_out),
                                    since(total.connections, base.connections), since(total.requests, base.requests)});
  }
  return usage;
}

Capabilities HaproxyDriver::capabilities() const {
  Capabilities capabilities{"haproxy",
                            version_,
                            {"http", "tcp", "galera", "round-robin", "least-connections", "random", "drain",
                             "monitor-connect", "monitor-http"},
                            static_cast<int>(kMaxLoadBalancers)};
  for (auto port : config_.ports) capabilities.words.push_back(fmt::format("catalogue:{}", port));
  return capabilities;
}

Status HaproxyDriver::writeColdStart(const DeviceState& wanted) {
  const auto state = normalised(wanted, config_.ports);
  if (!state) return state.error();
  const auto places = place(ProxyState{}, *state);
  if (!places) return places.error();
  return haproxy::writeColdStart(config_, layOut(ProxyState{}, *state, *places, {}, clock_.now()).state);
}

void HaproxyDriver::tick() {
  auto socket = connect();
  if (!socket) return;  // whoever asks for health() hears of it
  const auto read = readLive(*socket);
  if (!read) return;
  endDrains(*socket, *read);
  endQuarantines(*socket, *read);
}

// Also of servers the node left meanwhile: its old sessions end with the drain.
void HaproxyDriver::endDrains(RuntimeSocket& socket, const LiveState& live) const {
  for (const auto& server : live.activity) {
    const auto name = ServerName::parse(server.name);
    const auto drain = name ? live.state.drains.find(drainKey(Variant::parse(server.backend)->slot, name->node))
                            : live.state.drains.end();
    if (drain == live.state.drains.end()) continue;
    const auto until = numberOf<long>(drain->second);
    if (!until || !isOver(std::chrono::seconds(*until), clock_.now())) continue;

    std::vector<Step> steps;
    const auto admin = live.state.servers.at(server.backend).at(server.name).admin;
    if (admin == Admin::Drain) steps.push_back(SetAdmin{server.backend, server.name, Admin::Maintenance});
    if (admin != Admin::Ready && server.sessions > 0) steps.push_back(CutSessions{server.backend, server.name});
    if (auto status = execute(socket, steps); !status) kLog.warn("a drain does not end: {}", status.error().detail);
  }
}

void HaproxyDriver::endQuarantines(RuntimeSocket& socket, const LiveState& live) const {
  for (const auto& server : live.activity) {
    if (!live.state.servers.at(server.backend).at(server.name).retired()) continue;
    const auto slot = Variant::parse(server.backend)->slot;
    if (!isDue(server, allSlots()[slot - 1].option_class)) continue;
    if (auto status = execute(socket, {DeleteServer{server.backend, server.name}}); !status)
      kLog.debug("a server stays in quarantine: {}", status.error().detail);
  }
}

Result<std::unique_ptr<Driver>> makeHaproxy(const DriverConfig& config, const Clock& clock) {
  auto version = versionOf(config.binary);
  if (!version) return version.error();
  if (auto text = configText(config, {}); !text) return text.error();
  return std::unique_ptr<Driver>(std::make_unique<HaproxyDriver>(config, *std::move(version), clock));
}

Status writeBaseConfig(const DriverConfig& config) {
  if (hasColdStart(config)) return ok();
  return haproxy::writeColdStart(config, ProxyState{});
}

}  // namespace libra::sidecar::haproxy
