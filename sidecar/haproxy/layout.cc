#include "sidecar/haproxy/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "sidecar/haproxy/attachments.h"
#include "sidecar/haproxy/base.h"
#include "sidecar/haproxy/certificates.h"
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
  const auto check = checksItself(balancer.monitor) ? balancer.monitor.type : MonitorType::Connect;
  const Variant plain{slot, mode, balanceFor(balancer.algorithm), check, true};
  if (isPlain(balancer) && Variant::parse(plain.name())) return plain;
  return {slot, mode, balanceFor(balancer.algorithm), check};
}

const Servers& serversOf(const ProxyState& live, const std::string& backend) {
  static const Servers kNone;
  const auto found = live.servers.find(backend);
  return found == live.servers.end() ? kNone : found->second;
}

bool isVisible(const ProxyState& live, const std::string& slot) {
  return std::any_of(live.vips.begin(), live.vips.end(), [&](const auto& vip) { return slotOf(vip.second) == slot; });
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

// Those that show nobody's certificate and that no load balancer has. One that was left is
// free only when it was cleaned, so that a handshake under way ends with what it began with.
class FreeListeners {
 public:
  explicit FreeListeners(const ProxyState& live) {
    for (const auto& [slot, text] : live.balancers)
      if (const auto descriptor = Descriptor::parse(text)) used_.insert(descriptor->listener);
    for (const auto& [store, digest] : live.certificates)
      if (const auto name = StoreName::parse(store)) used_.insert(name->listener);
  }

  std::optional<int> take() {
    for (int listener = 1; listener <= kTlsListeners; ++listener)
      if (used_.insert(listener).second) return listener;
    return std::nullopt;
  }

 private:
  std::set<int> used_;
};

// The name of a server with exactly these attributes, one in traffic before a retired one;
// else a name nobody has. What the name tells, all but its generation, stands at its beginning.
std::string nameFor(const Servers& live, ServerName wanted_name, const Server& wanted) {
  const auto first = wanted_name.text();
  const std::string* retired = nullptr;
  for (auto at = live.lower_bound(first); at != live.end() && at->first.starts_with(first); ++at) {
    const auto& [text, server] = *at;
    auto name = ServerName::parse(text);
    if (!name || server.address != wanted.address || server.port != wanted.port) continue;
    name->generation = wanted_name.generation;
    if (*name != wanted_name) continue;
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

std::optional<ServerTls> tlsFor(const LoadBalancerState& balancer, const NodeState& node) {
  const auto& tls = balancer.node_tls;
  return node.tls ? std::optional(ServerTls{tls.verify, !tls.ca.empty(), tls.host}) : std::nullopt;
}

Servers serversFor(const LoadBalancerState& balancer, const Servers& live, Time now) {
  Servers servers;
  const auto digest = digestOf(balancer.node_tls);
  for (const auto& node : balancer.nodes) {
    const Server server{node.address, node.port, node.weight, adminFor(node, now), node.backup, tlsFor(balancer, node)};
    ServerName name{node.id,    balancer.monitor.delay.count(), balancer.monitor.attempts,
                    1,          balancer.proxy_protocol,        node.tls ? digest : "",
                    node.backup};
    if (!checksItself(balancer.monitor)) name.delay = name.attempts = 0;
    servers.emplace(nameFor(live, name, server), server);
  }
  return servers;
}

// Puts what does not fit into a descriptor into its map, under a name of the owner's.
std::string attachTo(Entries& target, const Entries& live, const std::string& owner, const Entries& entries) {
  const auto name = attachmentName(live, owner, entries);
  attach(target, name, entries);
  return name;
}

// Its certificates, and the authority its nodes are verified with.
void layOutTls(const LoadBalancerState& balancer, int listener, ProxyState& target) {
  if (balancer.tls) layOutCertificates(*balancer.tls, listener, target);
  const auto& tls = balancer.node_tls;
  const bool needed = std::any_of(balancer.nodes.begin(), balancer.nodes.end(), [](auto& node) { return node.tls; });
  if (needed && tls.verify && !tls.ca.empty()) target.authorities[authorityName(digestOf(tls))] = tls.ca;
}

Descriptor descriptorFor(const LoadBalancerState& balancer, const Placement& at, const ProxyState& live,
                         ProxyState& target) {
  Descriptor descriptor{variantFor(balancer, at.slot), balancer, {}};
  descriptor.listener = at.listener;
  auto& attributes = descriptor.balancer;
  hideCertificates(attributes);
  attributes.nodes.clear();
  attributes.addresses.clear();
  attributes.access_list.clear();
  attributes.error_page.reset();
  if (!balancer.access_list.empty())
    descriptor.access = attachTo(target.access, live.access, balancer.id, accessEntries(balancer.access_list));
  if (balancer.error_page)
    descriptor.page = attachTo(target.pages, live.pages, balancer.id, pageEntries(*balancer.error_page));
  return descriptor;
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
    auto had = total(at.previous);
    had -= held->baseline;
    baseline -= had;
  }
  return baseline;
}

Error full() { return {ErrorCode::Unavailable, "The device has no room for this change now, try again"}; }

}  // namespace

Result<Placements> place(const ProxyState& live, const DeviceState& wanted) {
  Placements places;
  std::optional<FreeSlots> free;
  std::optional<FreeListeners> listeners;
  const auto takeSlot = [&](const OptionClass& wanted) { return (free ? *free : free.emplace(live)).take(wanted); };
  const auto takeListener = [&] { return (listeners ? *listeners : listeners.emplace(live)).take(); };
  for (const auto& balancer : wanted.load_balancers) {
    const auto held = find(live, balancer.id);
    auto& at = places[balancer.id];
    at.previous = held ? held->backend.slot : 0;
    if (balancer.tls) at.listener = held && held->listener != 0 ? held->listener : takeListener().value_or(0);
    if (balancer.tls && at.listener == 0) return full();
    if (held && canStay(*held, balancer, live)) {
      at.slot = at.previous;
    } else if (const auto slot = takeSlot(classFor(balancer))) {
      at.slot = *slot;
    } else {
      return full();
    }
  }
  return places;
}

Layout layOut(const ProxyState& live, const DeviceState& wanted, const Placements& places,
              const std::map<int, Counters>& totals, Time now) {
  Layout target{{}, places};
  target.state.device["generation"] = std::to_string(wanted.generation);
  if (wanted.suspended) target.state.device["suspended"] = "1";
  for (const auto& balancer : wanted.load_balancers) {
    const auto& at = places.at(balancer.id);
    auto descriptor = descriptorFor(balancer, at, live, target.state);
    descriptor.baseline = baselineFor(at, find(live, balancer.id), totals);
    const auto backend = descriptor.backend.name();
    target.state.balancers[Slot::nameOf(at.slot)] = descriptor.text();
    for (const auto& node : balancer.nodes)
      if (node.draining) target.state.drains[drainKey(at.slot, node.id)] = std::to_string(node.draining->count());
    target.state.vips.merge(waysTo(balancer, Slot::nameOf(at.slot)));
    layOutTls(balancer, at.listener, target.state);
    if (auto servers = serversFor(balancer, serversOf(live, backend), now); !servers.empty())
      target.state.servers[backend] = std::move(servers);
  }
  target.state.device["edition"] = editionOf(target.state);
  return target;
}

std::string editionNamed(std::string_view text) { return std::to_string(fingerprintOf(text) >> 1); }

std::string editionOf(const ProxyState& state) {
  std::string text = state.device.count("suspended") ? "suspended\n" : "\n";
  for (const auto* entries : {&state.balancers, &state.vips})
    for (const auto& [key, value] : *entries) text += fmt::format("{} {}\n", key, value);
  return editionNamed(text);
}

}  // namespace libra::sidecar::haproxy
