#pragma once

#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <variant>

#include "sidecar/haproxy/descriptor.h"
#include "sidecar/haproxy/slots.h"
#include "sidecar/haproxy/step.h"

namespace libra::test {

// What a connection to one VIP key meets.
struct View {
  std::string balancer, backend;
  std::map<std::string, int> active, backups;  // endpoint → weight, of the servers that take traffic
  bool operator==(const View&) const = default;
};

// HAProxy as far as its stats socket goes: refuses what 2.6 refuses (by throwing), and
// tells what a connection would meet now.
class HaproxyModel {
 public:
  sidecar::haproxy::ProxyState state;

  void run(const sidecar::haproxy::Step& step) {
    std::visit([this](const auto& one) { apply(one); }, step);
  }

  std::optional<View> meets(const std::string& key) const {
    const auto vip = state.vips.find(key);
    if (vip == state.vips.end()) return std::nullopt;
    const auto entry = state.balancers.find(vip->second);
    if (entry == state.balancers.end()) throw std::logic_error("VIP " + key + " leads into an empty slot");
    const auto descriptor = sidecar::haproxy::Descriptor::parse(entry->second);
    if (!descriptor) throw std::logic_error("malformed descriptor " + entry->second);
    if (sidecar::haproxy::Slot::nameOf(descriptor->backend.slot) != vip->second)
      throw std::logic_error("a slot leads out of itself");
    return viewOf(*descriptor);
  }

  void endQuarantine() {
    for (auto& [backend, servers] : state.servers)
      std::erase_if(servers, [](const auto& entry) { return entry.second.retired(); });
    std::erase_if(state.servers, [](const auto& entry) { return entry.second.empty(); });
  }

 private:
  View viewOf(const sidecar::haproxy::Descriptor& descriptor) const {
    View view{descriptor.balancer.id, descriptor.backend.name(), {}, {}};
    const auto servers = state.servers.find(view.backend);
    if (servers == state.servers.end()) return view;
    for (const auto& [name, server] : servers->second) {
      if (server.admin != sidecar::haproxy::Admin::Ready) continue;
      auto& group = server.backup ? view.backups : view.active;
      group[server.address.str() + ":" + std::to_string(server.port)] = server.weight;
    }
    return view;
  }

  sidecar::haproxy::Entries& entries(sidecar::haproxy::MapFile map) { return sidecar::haproxy::entriesOf(state, map); }
  sidecar::haproxy::Server& server(const std::string& backend, const std::string& name) {
    auto& servers = state.servers[backend];
    if (!servers.count(name)) throw std::logic_error("No such server: " + name);
    return servers[name];
  }

  void apply(const sidecar::haproxy::AddServer& step) {
    auto server = step.server;
    server.admin = sidecar::haproxy::Admin::Maintenance;
    if (!sidecar::haproxy::Variant::parse(step.backend)) throw std::logic_error("No such backend: " + step.backend);
    if (!state.servers[step.backend].emplace(step.name, server).second)
      throw std::logic_error("Already exists: " + step.name);
  }
  void apply(const sidecar::haproxy::SetAdmin& step) { server(step.backend, step.name).admin = step.admin; }
  void apply(const sidecar::haproxy::SetWeight& step) { server(step.backend, step.name).weight = step.weight; }
  void apply(const sidecar::haproxy::CutSessions&) { throw std::logic_error("a plan cuts nobody off"); }
  void apply(const sidecar::haproxy::DeleteServer&) { throw std::logic_error("a plan never deletes a server"); }
  void apply(const sidecar::haproxy::AddEntry& step) {
    if (!entries(step.map).emplace(step.key, step.value).second) throw std::logic_error("twice: " + step.key);
  }
  void apply(const sidecar::haproxy::SetEntry& step) {
    const auto found = entries(step.map).find(step.key);
    if (found == entries(step.map).end()) throw std::logic_error("entry not found: " + step.key);
    found->second = step.value;
  }
  void apply(const sidecar::haproxy::RemoveEntry& step) {
    if (!entries(step.map).erase(step.key)) throw std::logic_error("Key not found: " + step.key);
  }
  void apply(const sidecar::haproxy::ForgetSources&) {}
};

}  // namespace libra::test
