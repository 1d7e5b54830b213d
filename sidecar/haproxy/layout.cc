#include "sidecar/haproxy/layout.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "sidecar/haproxy/descriptor.h"
#include "sidecar/haproxy/slots.h"
#include "sidecar/haproxy/wanted.h"
#include "sidecar/haproxy/words.h"

namespace libra::sidecar::haproxy {

namespace {

using protocol::DeviceState;
using protocol::LoadBalancerState;
using protocol::NodeState;

Balance balanceFor(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::RoundRobin:
    case Algorithm::WeightedRoundRobin:
      return Balance::RoundRobin;
    case Algorithm::LeastConnections:
    case Algorithm::WeightedLeastConnections:
      return Balance::LeastConnections;
    case Algorithm::Random:
      return Balance::Random;
  }
  return Balance::RoundRobin;
}

Variant variantFor(const LoadBalancerState& balancer, int slot) {
  const auto mode = balancer.protocol == Protocol::Http ? Mode::Http : Mode::Tcp;
  return {slot, mode, balanceFor(balancer.algorithm), balancer.monitor.type};
}

const Servers& serversOf(const ProxyState& live, const std::string& backend) {
  static const Servers kNone;
  const auto found = live.servers.find(backend);
  return found == live.servers.end() ? kNone : found->second;
}

bool isVisible(const ProxyState& live, const std::string& slot) {
  return std::any_of(live.vips.begin(), live.vips.end(), [&](const auto& vip) { return vip.second == slot; });
}

// The slot that holds this load balancer; the one connections meet, if there are two.
std::optional<Descriptor> find(const ProxyState& live, const std::string& id) {
  std::optional<Descriptor> found;
  for (const auto& [slot, text] : live.balancers) {
    auto descriptor = Descriptor::parse(text);
    if (!descriptor || descriptor->balancer.id != id || Slot::nameOf(descriptor->backend.slot) != slot) continue;
    if (!found || isVisible(live, slot)) found = std::move(descriptor);
  }
  return found;
}

// Galera writes to one node at a time. Exchanging it in place would for an instant have
// two, or none; in another slot the exchange is one map entry.
bool exchangesPrimary(const Descriptor& held, const LoadBalancerState& wanted, const ProxyState& live) {
  if (wanted.protocol != Protocol::Galera) return false;
  std::set<std::string> now, then;
  for (const auto& [name, server] : serversOf(live, held.backend.name()))
    if (server.admin == Admin::Ready && !server.backup) now.insert(endpoint(server.address, server.port));
  for (const auto& node : wanted.nodes)
    if (node.enabled && !node.backup) then.insert(endpoint(node.address, node.port));
  if (now.empty() || now == then) return false;
  return !then.empty() || now.size() > 1;  // one that only leaves hands over to the backups
}

bool canStay(const Descriptor& held, const LoadBalancerState& wanted, const ProxyState& live) {
  return held.backend.mode == variantFor(wanted, 0).mode && classFor(held.balancer) == classFor(wanted) &&
         !exchangesPrimary(held, wanted, live);
}

// Slots nobody is in and nobody can reach, best first: the smallest class, and in it
// those without servers in quarantine.
class FreeSlots {
 public:
  explicit FreeSlots(const ProxyState& live) {
    for (const auto& slot : allSlots())
      if (!live.balancers.count(slot.name()) && !isVisible(live, slot.name())) free_.push_back(&slot);
    std::set<int> used;
    for (const auto& [backend, servers] : live.servers)
      if (const auto variant = Variant::parse(backend); variant && !servers.empty()) used.insert(variant->slot);
    std::stable_sort(free_.begin(), free_.end(), [&](const Slot* a, const Slot* b) {
      return std::make_tuple(a->option_class, used.count(a->number)) <
             std::make_tuple(b->option_class, used.count(b->number));
    });
  }

  std::optional<int> take(const OptionClass& wanted) {
    const auto fit =
        std::find_if(free_.begin(), free_.end(), [&](const Slot* slot) { return slot->option_class.covers(wanted); });
    if (fit == free_.end()) return std::nullopt;
    const int number = (*fit)->number;
    free_.erase(fit);
    return number;
  }

 private:
  std::vector<const Slot*> free_;
};

bool sameServer(const ServerName& name, const Server& server, const ServerName& wanted_name, const Server& wanted) {
  return name.node == wanted_name.node && name.delay == wanted_name.delay && name.attempts == wanted_name.attempts &&
         server.address == wanted.address && server.port == wanted.port && server.backup == wanted.backup;
}

// The name of a server with exactly these attributes, one in traffic before a retired one;
// else a name nobody has.
std::string nameFor(const Servers& live, ServerName wanted_name, const Server& wanted) {
  const std::string* retired = nullptr;
  for (const auto& [text, server] : live) {
    const auto name = ServerName::parse(text);
    if (!name || !sameServer(*name, server, wanted_name, wanted)) continue;
    if (!server.retired()) return text;
    retired = &text;
  }
  if (retired) return *retired;
  while (live.count(wanted_name.text())) ++wanted_name.generation;
  return wanted_name.text();
}

Admin adminFor(const NodeState& node, Time now) {
  if (!node.enabled) return Admin::Maintenance;
  if (!node.draining) return Admin::Ready;
  return isOver(*node.draining, now) ? Admin::Maintenance : Admin::Drain;
}

Servers serversFor(const LoadBalancerState& balancer, const Servers& live, Time now) {
  Servers servers;
  for (const auto& node : balancer.nodes) {
    const Server server{node.address, node.port, node.weight, adminFor(node, now), node.backup};
    const ServerName name{node.id, balancer.monitor.delay.count(), balancer.monitor.attempts, 1};
    servers.emplace(nameFor(live, name, server), server);
  }
  return servers;
}

// So that usage goes on from what the load balancer had in the slot it leaves.
Counters baselineFor(const Placement& at, const std::optional<Descriptor>& held,
                     const std::map<int, Counters>& totals) {
  if (!at.fresh()) return held->baseline;
  auto total = [&](int slot) {
    const auto found = totals.find(slot);
    return found == totals.end() ? Counters{} : found->second;
  };
  auto baseline = total(at.slot);
  if (at.moves()) {
    const auto left = total(at.previous);
    baseline.bytes_in -= left.bytes_in - held->baseline.bytes_in;
    baseline.bytes_out -= left.bytes_out - held->baseline.bytes_out;
    baseline.connections -= left.connections - held->baseline.connections;
    baseline.requests -= left.requests - held->baseline.requests;
  }
  return baseline;
}

}  // namespace

Result<Placements> place(const ProxyState& live, const DeviceState& wanted) {
  Placements places;
  FreeSlots free(live);
  for (const auto& balancer : wanted.load_balancers) {
    const auto held = find(live, balancer.id);
    auto& at = places[balancer.id];
    at.previous = held ? held->backend.slot : 0;
    if (held && canStay(*held, balancer, live)) {
      at.slot = at.previous;
    } else if (const auto slot = free.take(classFor(balancer))) {
      at.slot = *slot;
    } else {
      return Error{ErrorCode::Unavailable, "The device has no room for this change now, try again"};
    }
  }
  return places;
}

Layout layOut(const ProxyState& live, const DeviceState& wanted, const Placements& places,
              const std::map<int, Counters>& totals, Time now) {
  Layout target{{}, places};
  target.state.device["generation"] = std::to_string(wanted.generation);
  if (wanted.suspended) target.state.device["suspended"] = "yes";
  for (const auto& balancer : wanted.load_balancers) {
    const auto& at = places.at(balancer.id);
    auto attributes = balancer;
    attributes.nodes.clear();
    attributes.addresses.clear();
    const Descriptor descriptor{variantFor(balancer, at.slot), attributes,
                                baselineFor(at, find(live, balancer.id), totals)};
    const auto backend = descriptor.backend.name();
    target.state.balancers[Slot::nameOf(at.slot)] = descriptor.text();
    for (const auto& node : balancer.nodes)
      if (node.draining) target.state.drains[drainKey(at.slot, node.id)] = std::to_string(node.draining->count());
    for (const auto& key : vipKeys(balancer)) target.state.vips[key] = Slot::nameOf(at.slot);
    if (auto servers = serversFor(balancer, serversOf(live, backend), now); !servers.empty())
      target.state.servers[backend] = std::move(servers);
  }
  return target;
}

}  // namespace libra::sidecar::haproxy
