#pragma once

#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <variant>

#include "lib/tls/bundle.h"
#include "sidecar/haproxy/attachments.h"
#include "sidecar/haproxy/certificate_plan.h"
#include "sidecar/haproxy/certificates.h"
#include "sidecar/haproxy/descriptor.h"
#include "sidecar/haproxy/slots.h"
#include "sidecar/haproxy/step.h"

namespace libra::test {

// What a connection to one VIP key meets.
struct View {
  std::string balancer, backend;
  Protocol protocol;
  std::string policies;                        // all that is not its servers
  std::map<std::string, int> active, backups;  // endpoint → weight, of the servers that take traffic
  int redirect = 0;                            // the port all of its clients are pointed to
  std::map<std::string, std::string> shown{};  // host → certificate, where clients speak TLS
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
    const auto slot = sidecar::haproxy::slotOf(vip->second);
    const auto entry = state.balancers.find(slot);
    if (entry == state.balancers.end()) throw std::logic_error("VIP " + key + " leads into an empty slot");
    const auto& descriptor = parse(entry->second);
    if (!descriptor) throw std::logic_error("malformed descriptor " + entry->second);
    if (sidecar::haproxy::Slot::nameOf(descriptor->backend.slot) != slot)
      throw std::logic_error("a slot leads out of itself");
    auto view = viewOf(*descriptor);
    if (vip->second != slot)
      view.shown = shownBy(descriptor->listener);
    else if (descriptor->balancer.https_redirect)
      view.redirect = descriptor->balancer.tls->port;
    return view;
  }

  void endQuarantine() {
    for (const auto& left : sidecar::haproxy::leftBehind(state))
      for (const auto& step : sidecar::haproxy::cleaning(state, left, {"nobody's", true, {}})) run(step);
    for (auto& [backend, servers] : state.servers)
      std::erase_if(servers, [](const auto& entry) { return entry.second.retired(); });
    std::erase_if(state.servers, [](const auto& entry) { return entry.second.empty(); });
    std::set<std::string> named;
    for (const auto& [slot, text] : state.balancers)
      if (const auto descriptor = sidecar::haproxy::Descriptor::parse(text))
        named.insert({descriptor->access, descriptor->page});
    for (auto* map : {&state.access, &state.pages})
      std::erase_if(*map, [&](const auto& entry) {
        return !named.count(std::string(sidecar::haproxy::attachmentOf(entry.first)));
      });
  }

 private:
  // Once for each text, which is looked at again and again.
  const std::optional<sidecar::haproxy::Descriptor>& parse(const std::string& text) const {
    const auto [known, is_new] = parsed_.try_emplace(text);
    if (is_new) known->second = sidecar::haproxy::Descriptor::parse(text);
    return known->second;
  }

  std::string policiesOf(const sidecar::haproxy::Descriptor& descriptor) const {
    std::string policies;
    for (const auto& [map, name] : {std::pair(&state.access, descriptor.access), {&state.pages, descriptor.page}}) {
      if (name == "-") continue;
      const auto entries = sidecar::haproxy::attachment(*map, name);
      if (entries.empty()) throw std::logic_error("half an attachment: " + name);
      for (const auto& [key, value] : entries) policies += key + "=" + value + "\n";
    }
    auto attributes = descriptor;  // the rest of it may change together with any server
    attributes.access = attributes.page = "-";
    attributes.backend = {1, {}, {}, {}};
    attributes.baseline = {};
    attributes.listener = 0;  // what it comes to is seen by itself
    attributes.balancer.tls.reset();
    attributes.balancer.https_redirect = false;
    return policies + attributes.text();
  }

  View viewOf(const sidecar::haproxy::Descriptor& descriptor) const {
    const auto& balancer = descriptor.balancer;
    View view{balancer.id, descriptor.backend.name(), balancer.protocol, policiesOf(descriptor), {}, {}, 0, {}};
    const auto servers = state.servers.find(view.backend);
    if (servers == state.servers.end()) return view;
    for (const auto& [name, server] : servers->second) {
      if (server.admin != sidecar::haproxy::Admin::Ready) continue;
      auto& group = server.backup ? view.backups : view.active;
      group[server.address.str() + ":" + std::to_string(server.port)] = server.weight;
    }
    return view;
  }

  std::map<std::string, std::string> shownBy(int listener) const {
    std::map<std::string, std::string> shown;
    for (const auto& [text, store] : state.stores) {
      const auto name = *sidecar::haproxy::StoreName::parse(text);
      if (name.listener == listener && store.listed) shown[name.host] = store.fingerprint;
    }
    if (!shown.count("")) throw std::logic_error("clients are led to nobody's certificate");
    return shown;
  }

  mutable std::map<std::string, std::optional<sidecar::haproxy::Descriptor>> parsed_;

  sidecar::haproxy::Store& store(const std::string& name) {
    if (!state.stores.count(name)) throw std::logic_error("No such store: " + name);
    return state.stores[name];
  }

  sidecar::haproxy::Entries& entries(sidecar::haproxy::MapFile map) { return sidecar::haproxy::entriesOf(state, map); }
  sidecar::haproxy::Server& server(const std::string& backend, const std::string& name) {
    auto& servers = state.servers[backend];
    if (!servers.count(name)) throw std::logic_error("No such server: " + name);
    return servers[name];
  }

  void apply(const sidecar::haproxy::AddServer& step) {
    auto server = step.server;
    const auto authority = sidecar::haproxy::authorityName(sidecar::haproxy::ServerName::parse(step.name)->tls);
    if (server.tls && server.tls->verify && server.tls->own_authority && !state.authorities.count(authority))
      throw std::logic_error("unable to load " + authority);
    server.admin = sidecar::haproxy::Admin::Maintenance;
    if (!sidecar::haproxy::Variant::parse(step.backend)) throw std::logic_error("No such backend: " + step.backend);
    if (!state.servers[step.backend].emplace(step.name, server).second)
      throw std::logic_error("Already exists: " + step.name);
  }
  void apply(const sidecar::haproxy::SetAdmin& step) { server(step.backend, step.name).admin = step.admin; }
  void apply(const sidecar::haproxy::SetWeight& step) { server(step.backend, step.name).weight = step.weight; }
  void apply(const sidecar::haproxy::SetHealth&) { throw std::logic_error("a plan knows no health"); }
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
  void apply(const sidecar::haproxy::GracePeriod&) {}
  void apply(const sidecar::haproxy::ForgetSources&) {}

  void apply(const sidecar::haproxy::AddStore& step) {
    if (!state.stores.emplace(step.store, sidecar::haproxy::Store{"", false, {}}).second)
      throw std::logic_error("already exists: " + step.store);
  }
  // The first one of a listener is always there.
  void apply(const sidecar::haproxy::PutCertificate& step) {
    const auto name = *sidecar::haproxy::StoreName::parse(step.store);
    auto& put = name.host.empty() ? state.stores[step.store] : store(step.store);
    put.fingerprint = tls::fingerprintOf(step.bundle.reveal());
    if (put.fingerprint.empty()) state.stores.erase(step.store);  // the placeholder: nobody is led there
  }
  void apply(const sidecar::haproxy::ListHost& step) {
    if (store(step.store).fingerprint.empty()) throw std::logic_error("an empty store cannot be listed");
    store(step.store).listed = true;
  }
  void apply(const sidecar::haproxy::UnlistHost& step) { store(step.store).listed = false; }
  void apply(const sidecar::haproxy::DeleteStore& step) {
    if (store(step.store).listed) throw std::logic_error("in use: " + step.store);
    state.stores.erase(step.store);
  }
  void apply(const sidecar::haproxy::AbortTransaction&) { state.transaction.clear(); }
  void apply(const sidecar::haproxy::AddAuthority& step) {
    if (!state.authorities.emplace(step.authority, "").second) throw std::logic_error("twice: " + step.authority);
  }
  void apply(const sidecar::haproxy::DeleteAuthority& step) { state.authorities.erase(step.authority); }
};

}  // namespace libra::test
