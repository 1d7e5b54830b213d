#include "sidecar/haproxy/wanted.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sidecar/haproxy/descriptor.h"
#include "sidecar/haproxy/words.h"

namespace libra::sidecar::haproxy {

namespace {

using protocol::DeviceState;
using protocol::LoadBalancerState;
using protocol::NodeState;
using std::chrono::seconds;

constexpr std::size_t kLongestPath = 6'000;

std::string legacyId(Protocol protocol) {
  switch (protocol) {
    case Protocol::Http:
      return "http";
    case Protocol::Tcp:
      return "tcp";
    case Protocol::Galera:
      return "galera";
  }
  return "";
}

Error refuse(const LoadBalancerState& balancer, std::string_view reason) {
  return Error{ErrorCode::Invalid, fmt::format("Load balancer {} cannot be configured: {}", balancer.id, reason)};
}

Status checkNodes(const LoadBalancerState& balancer) {
  std::set<std::string> ids;
  int primaries = 0;
  for (const auto& node : balancer.nodes) {
    if (!isId(node.id) || !ids.insert(node.id).second) return refuse(balancer, "a node id is malformed or used twice");
    if (node.port == 0) return refuse(balancer, "a node has port 0");
    if (node.weight < 1 || node.weight > 256) return refuse(balancer, "a node weight is not between 1 and 256");
    if (node.draining && balancer.protocol == Protocol::Galera)
      return refuse(balancer, "a Galera node cannot drain: clients would write to two");
    if (!node.backup) ++primaries;
  }
  if (balancer.protocol == Protocol::Galera && primaries > 1)
    return refuse(balancer, "a Galera load balancer has one primary node");
  return ok();
}

Status checkMonitor(const LoadBalancerState& balancer) {
  const auto& monitor = balancer.monitor;
  if (monitor.delay.count() < 1 || monitor.delay.count() > 86'400) return refuse(balancer, "the monitor's delay");
  if (monitor.timeout.count() < 0 || monitor.timeout > monitor.delay) return refuse(balancer, "the monitor's timeout");
  if (monitor.attempts < 1 || monitor.attempts > 100) return refuse(balancer, "the monitor's attempts");
  if (monitor.path.empty() || monitor.path.front() != '/' || monitor.path.size() > kLongestPath)
    return refuse(balancer, "the monitor's path");
  return ok();
}

Status checkOptions(const LoadBalancerState& balancer) {
  const auto& options = balancer.options;
  for (auto timeout : {options.client_timeout, options.server_timeout, options.connect_timeout})
    if (timeout.count() < 0 || timeout.count() > 1'000'000) return refuse(balancer, "a timeout is out of range");
  if (options.retries < 0 || options.retries > 256) return refuse(balancer, "the retries are out of range");
  return ok();
}

Status checkPersistence(const LoadBalancerState& balancer) {
  if (balancer.persistence == Persistence::HttpCookie && balancer.protocol != Protocol::Http)
    return refuse(balancer, "a cookie needs HTTP");
  return ok();
}

Status check(const LoadBalancerState& balancer, const std::vector<std::uint16_t>& ports) {
  if (!isId(balancer.id)) return refuse(balancer, "its id is malformed");
  if (std::find(ports.begin(), ports.end(), balancer.port) == ports.end())
    return refuse(balancer, fmt::format("the device does not listen on port {}", balancer.port));
  for (auto status : {checkNodes(balancer), checkMonitor(balancer), checkOptions(balancer), checkPersistence(balancer)})
    if (!status) return status;
  return ok();
}

void sortNodes(LoadBalancerState& balancer) {
  std::sort(balancer.nodes.begin(), balancer.nodes.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  std::sort(balancer.addresses.begin(), balancer.addresses.end());
}

void sortBalancers(DeviceState& state) {
  std::sort(state.load_balancers.begin(), state.load_balancers.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
}

// A draining node's server is in maintenance when its drain is over, or not yet begun
// after a cold start.
std::optional<seconds> drainOf(const Server& server, const std::string& key, const Entries& drains) {
  if (server.admin == Admin::Ready) return std::nullopt;
  if (const auto entry = drains.find(key); entry != drains.end())
    if (const auto until = numberOf<long>(entry->second)) return seconds(*until);
  return server.admin == Admin::Drain ? std::optional(seconds(0)) : std::nullopt;
}

std::optional<NodeState> nodeOf(const std::string& name, const Server& server, int slot, const Entries& drains) {
  const auto parsed = ServerName::parse(name);
  if (!parsed || server.retired()) return std::nullopt;
  const auto draining = drainOf(server, drainKey(slot, parsed->node), drains);
  const bool enabled = server.admin != Admin::Maintenance || draining;
  return NodeState{parsed->node, server.address, server.port, server.weight, enabled, server.backup, draining};
}

LoadBalancerState balancerOf(const Descriptor& descriptor, const std::string& slot, const ProxyState& live) {
  auto balancer = descriptor.balancer;
  if (const auto servers = live.servers.find(descriptor.backend.name()); servers != live.servers.end())
    for (const auto& [name, server] : servers->second)
      if (auto node = nodeOf(name, server, descriptor.backend.slot, live.drains)) balancer.nodes.push_back(*node);
  for (const auto& [key, target] : live.vips)
    if (const auto vip = readEndpoint(key); vip && target == slot) balancer.addresses.push_back(vip->address);
  return balancer;
}

}  // namespace

Result<DeviceState> normalised(const DeviceState& wanted, const std::vector<std::uint16_t>& ports) {
  DeviceState state{wanted.generation, wanted.load_balancers, {}, wanted.suspended};
  if (state.load_balancers.size() > kMaxLoadBalancers)
    return Error{ErrorCode::Invalid, fmt::format("A device carries at most {} load balancers", kMaxLoadBalancers)};

  std::set<std::string> ids, keys;
  for (auto& balancer : state.load_balancers) {
    if (balancer.id.empty()) balancer.id = legacyId(balancer.protocol);
    if (auto status = check(balancer, ports); !status) return status.error();
    if (!ids.insert(balancer.id).second) return refuse(balancer, "its id is used twice");
    for (const auto& key : vipKeys(balancer))
      if (!keys.insert(key).second) return refuse(balancer, "its address and port are taken");
    balancer.name.clear();
    balancer.monitor.path = urlPath(balancer.monitor.path);
    balancer.persistence = balancer.persistence.value_or(defaultPersistence(balancer.protocol));
    for (auto& node : balancer.nodes)
      if (!node.enabled) node.draining.reset();
    sortNodes(balancer);
  }
  sortBalancers(state);
  return state;
}

DeviceState describe(const ProxyState& live) {
  DeviceState state;
  if (const auto found = live.device.find("generation"); found != live.device.end())
    state.generation = numberOf<std::uint64_t>(found->second).value_or(0);
  state.suspended = live.device.count("suspended") > 0;
  for (const auto& [slot, text] : live.balancers) {
    const auto visible = std::any_of(live.vips.begin(), live.vips.end(), [&](auto& vip) { return vip.second == slot; });
    const auto descriptor = Descriptor::parse(text);
    if (!descriptor || !visible) continue;  // half-made: no connection meets it
    state.load_balancers.push_back(balancerOf(*descriptor, slot, live));
    sortNodes(state.load_balancers.back());
  }
  sortBalancers(state);
  return state;
}

bool isOver(seconds drain, Time now) { return drain.count() != 0 && Time(drain) <= now; }

std::vector<std::string> vipKeys(const LoadBalancerState& balancer) {
  const auto port = ":" + std::to_string(balancer.port);
  if (balancer.addresses.empty()) return {"*" + port};
  std::vector<std::string> keys;
  for (const auto& address : balancer.addresses) keys.push_back(address.str() + port);
  return keys;
}

}  // namespace libra::sidecar::haproxy
