#include "sidecar/haproxy/wanted.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "lib/regex/pattern.h"
#include "sidecar/haproxy/attachments.h"
#include "sidecar/haproxy/certificates.h"
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
  for (const auto& regex : {monitor.status_regex, monitor.body_regex})
    if (auto pattern = Pattern::compile(regex); !pattern) return refuse(balancer, pattern.error().message);
  if (monitor.host.size() > 256) return refuse(balancer, "the monitor's host");
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

Status checkAccess(const LoadBalancerState& balancer) {
  std::set<std::string> networks;
  for (const auto& rule : balancer.access_list) {
    const auto text = fmt::format("{}/{}", rule.network.str(), rule.prefix);
    if (!NetRange::parse(text) || !networks.insert(text).second)
      return refuse(balancer, "a network of the access list is malformed or given twice");
  }
  return balancer.access_list.size() <= 100 ? ok() : refuse(balancer, "the access list is too long");
}

Status checkThrottle(const LoadBalancerState& balancer) {
  const auto within = [](int number) { return number >= 0 && number <= 100'000; };
  const auto throttle = balancer.throttle.value_or(protocol::ThrottleState{});
  if (!within(throttle.most_connections) || !within(throttle.free_connections) || !within(throttle.most_new) ||
      throttle.interval.count() < 1 || throttle.interval.count() > 3'600)
    return refuse(balancer, "the connection throttle is out of range");
  return ok();
}

Status checkPage(const LoadBalancerState& balancer) {
  if (!balancer.error_page || normalPage(*balancer.error_page)) return ok();
  return refuse(balancer, fmt::format("an error page has at most {} bytes and {} lines, and no control characters",
                                      kLongestPage, kMostPageLines));
}

// What is in the certificates is for understand() to say.
Status checkTls(const LoadBalancerState& balancer) {
  const auto& node_host = balancer.node_tls.host;
  if (!node_host.empty() && (!isHostName(node_host) || node_host.front() == '*'))
    return refuse(balancer, "the host its nodes are known by is malformed");
  if (balancer.https_redirect && (balancer.protocol != Protocol::Http || !balancer.tls))
    return refuse(balancer, "a redirect to HTTPS needs HTTP and TLS");
  if (!balancer.tls) return ok();
  if (balancer.protocol == Protocol::Galera) return refuse(balancer, "Galera knows no TLS termination");
  if (balancer.tls->port == 0 || balancer.tls->port == balancer.port) return refuse(balancer, "the secure port");
  std::set<std::string> hosts;
  for (const auto& mapping : balancer.tls->mappings)
    if (!isHostName(mapping.host) || !hosts.insert(lowerCase(mapping.host)).second)
      return refuse(balancer, "the host of a certificate is malformed or given twice");
  if (!balancer.tls->certificate.host.empty()) return refuse(balancer, "the first certificate is for every host");
  return ok();
}

Status check(const LoadBalancerState& balancer, const Listening& listening) {
  if (!isId(balancer.id)) return refuse(balancer, "its id is malformed");
  for (const auto port : portsOf(balancer))
    if (!listening.offers(balancer, port))
      return refuse(balancer, fmt::format("the device does not listen on port {}", port));
  for (auto status : {checkNodes(balancer), checkMonitor(balancer), checkOptions(balancer), checkPersistence(balancer),
                      checkAccess(balancer), checkThrottle(balancer), checkPage(balancer), checkTls(balancer)})
    if (!status) return status;
  return ok();
}

void sortLists(LoadBalancerState& balancer) {
  std::sort(balancer.nodes.begin(), balancer.nodes.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  std::sort(balancer.addresses.begin(), balancer.addresses.end());
  std::sort(balancer.access_list.begin(), balancer.access_list.end(),
            [](const auto& a, const auto& b) { return std::tie(a.network, a.prefix) < std::tie(b.network, b.prefix); });
}

// What does not concern the protocol is as if nobody had asked for it.
void settle(LoadBalancerState& balancer) {
  balancer.name.clear();
  balancer.monitor.path = urlPath(balancer.monitor.path);
  balancer.persistence = balancer.persistence.value_or(defaultPersistence(balancer.protocol));
  if (balancer.tls && !balancer.tls->enabled) balancer.tls.reset();
  if (balancer.protocol == Protocol::Http) {
    balancer.half_closed = false;
    if (balancer.error_page) balancer.error_page = normalPage(*balancer.error_page);
  } else {
    balancer.forwarded = {};
    balancer.error_page.reset();
  }
  for (auto& node : balancer.nodes)
    if (!node.enabled) node.draining.reset();
  sortLists(balancer);
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
  return NodeState{parsed->node, server.address, server.port, server.weight,
                   enabled,      server.backup,  draining,    !parsed->tls.empty()};
}

LoadBalancerState balancerOf(const Descriptor& descriptor, const std::string& slot, const ProxyState& live) {
  auto balancer = descriptor.balancer;
  if (const auto servers = live.servers.find(descriptor.backend.name()); servers != live.servers.end())
    for (const auto& [name, server] : servers->second)
      if (auto node = nodeOf(name, server, descriptor.backend.slot, live.drains)) balancer.nodes.push_back(*node);
  if (descriptor.access != "-") balancer.access_list = accessRules(attachment(live.access, descriptor.access));
  if (descriptor.page != "-") balancer.error_page = pageText(attachment(live.pages, descriptor.page));
  if (balancer.tls) describeCertificates(live, descriptor.listener, *balancer.tls);
  std::set<NetAddress> addresses;
  for (const auto& [key, way] : live.vips)
    if (const auto vip = readEndpoint(key); vip && slotOf(way) == slot) addresses.insert(vip->address);
  balancer.addresses.assign(addresses.begin(), addresses.end());
  return balancer;
}

}  // namespace

std::vector<std::uint16_t> portsOf(const LoadBalancerState& balancer) {
  const bool secure = balancer.tls && balancer.tls->enabled;
  std::vector<std::uint16_t> ports;
  if (!secure || !balancer.tls->secure_only || balancer.https_redirect) ports.push_back(balancer.port);
  if (secure) ports.push_back(balancer.tls->port);
  return ports;
}

bool Listening::offers(const LoadBalancerState& balancer, std::uint16_t port) const {
  if (std::find(ports.begin(), ports.end(), port) != ports.end()) return true;
  if (port == management) return steered && !balancer.addresses.empty();
  return (steered || extensible) && port != 0;
}

Result<DeviceState> normalised(const DeviceState& wanted, const Listening& listening) {
  DeviceState state{wanted.generation, wanted.load_balancers, {}, wanted.suspended};
  if (state.load_balancers.size() > kMaxLoadBalancers)
    return Error{ErrorCode::Invalid, fmt::format("A device carries at most {} load balancers", kMaxLoadBalancers)};

  std::set<std::string> ids, keys;
  for (auto& balancer : state.load_balancers) {
    if (balancer.id.empty()) balancer.id = legacyId(balancer.protocol);
    if (auto status = check(balancer, listening); !status) return status.error();
    if (!ids.insert(balancer.id).second) return refuse(balancer, "its id is used twice");
    settle(balancer);
    if (auto status = understand(balancer); !status) return status.error();
    for (const auto& [key, way] : waysTo(balancer, ""))
      if (!keys.insert(key).second) return refuse(balancer, "its address and port are taken");
  }
  sortBalancers(state);
  return state;
}

std::uint64_t generationOf(const ProxyState& live) {
  const auto found = live.device.find("generation");
  return found == live.device.end() ? 0 : numberOf<std::uint64_t>(found->second).value_or(0);
}

DeviceState describe(const ProxyState& live) {
  DeviceState state;
  state.generation = generationOf(live);
  state.suspended = live.device.count("suspended") > 0;
  for (const auto& [slot, text] : live.balancers) {
    const auto leads_here = [&here = slot](const auto& vip) { return slotOf(vip.second) == here; };
    const bool visible = std::any_of(live.vips.begin(), live.vips.end(), leads_here);
    const auto descriptor = Descriptor::parse(text);
    if (!descriptor || !visible) continue;  // half-made: no connection meets it
    state.load_balancers.push_back(balancerOf(*descriptor, slot, live));
    sortLists(state.load_balancers.back());
  }
  sortBalancers(state);
  return state;
}

bool checksItself(const protocol::MonitorState& monitor) {
  return monitor.type != MonitorType::Https && monitor.host.empty() && monitor.status_regex.empty() &&
         monitor.body_regex.empty() && monitor.timeout == monitor.delay;
}

bool isOver(seconds drain, Time now) { return drain.count() != 0 && Time(drain) <= now; }

Entries waysTo(const LoadBalancerState& balancer, const std::string& slot) {
  Entries ways;
  for (const auto port : portsOf(balancer)) {
    const bool secure = balancer.tls && port == balancer.tls->port;
    if (balancer.addresses.empty()) ways[fmt::format("*:{}", port)] = secure ? slot + ".tls" : slot;
    for (const auto& address : balancer.addresses)
      ways[fmt::format("{}:{}", address.str(), port)] = secure ? slot + ".tls" : slot;
  }
  return ways;
}

Destinations destinationsOf(const DeviceState& state) {
  Destinations destinations;
  for (const auto& balancer : state.load_balancers)
    for (const auto port : portsOf(balancer)) {
      if (balancer.addresses.empty()) destinations.insert({std::nullopt, port});
      for (const auto& address : balancer.addresses) destinations.insert({address, port});
    }
  return destinations;
}

}  // namespace libra::sidecar::haproxy
