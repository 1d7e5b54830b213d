#include "sidecar/haproxy/plan.h"

#include "sidecar/haproxy/descriptor.h"
#include "sidecar/haproxy/slots.h"

namespace libra::sidecar::haproxy {

namespace {

const std::string* valueOf(const Entries& entries, const std::string& key) {
  const auto found = entries.find(key);
  return found == entries.end() ? nullptr : &found->second;
}

const Server* serverOf(const ProxyState& state, const std::string& backend, const std::string& name) {
  const auto servers = state.servers.find(backend);
  if (servers == state.servers.end()) return nullptr;
  const auto found = servers->second.find(name);
  return found == servers->second.end() ? nullptr : &found->second;
}

class Planner {
 public:
  Planner(const ProxyState& live, const Layout& target) : live_(live), target_(target.state), places_(target.places) {}

  Plan make() {
    suspend();
    for (const auto& [id, at] : places_) prepare(at);
    for (const auto& [backend, servers] : target_.servers)
      for (const auto& [name, server] : servers) bringUp(backend, name, server);
    for (const auto& [key, until] : target_.drains) put(prepare_, MapFile::Drains, live_.drains, key, until);
    publish();
    retire();
    record();

    Plan plan;
    for (auto* stage : {&prepare_, &publish_, &retire_, &record_})
      if (!stage->empty()) plan.stages.push_back(std::move(*stage));
    plan.mechanism = mechanism_;
    return plan;
  }

 private:
  using Steps = std::vector<Step>;

  void use(Mechanism mechanism) { mechanism_ = std::max(mechanism_, mechanism); }

  void put(Steps& stage, MapFile map, const Entries& live, const std::string& key, const std::string& value) {
    const auto* now = valueOf(live, key);
    if (!now)
      stage.push_back(AddEntry{map, key, value});
    else if (*now != value)
      stage.push_back(SetEntry{map, key, value});
    else
      return;
    if (map != MapFile::Device) use(Mechanism::Runtime);
  }

  void suspend() {
    if (const auto* suspended = valueOf(target_.device, "suspended"))
      put(prepare_, MapFile::Device, live_.device, "suspended", *suspended);
  }

  // The attributes of a load balancer that stays come first, with the backend it is in:
  // new servers then are checked by the new path, and the change of backend is one entry.
  void prepare(const Placement& at) {
    const auto slot = Slot::nameOf(at.slot);
    auto text = target_.balancers.at(slot);
    if (at.fresh()) {
      prepare_.push_back(ForgetSources{sourceTable(at.slot)});
      if (at.moves()) use(Mechanism::Class);
    } else if (const auto held = Descriptor::parse(live_.balancers.at(slot))) {
      auto descriptor = Descriptor::parse(text);
      descriptor->backend = held->backend;
      text = descriptor->text();
    }
    put(prepare_, MapFile::Balancers, live_.balancers, slot, text);
  }

  void bringUp(const std::string& backend, const std::string& name, const Server& server) {
    const auto* now = serverOf(live_, backend, name);
    if (!now) {
      prepare_.push_back(AddServer{backend, name, server});
      use(replacesOther(backend, name) ? Mechanism::Generation : Mechanism::Runtime);
    } else if (now->weight != server.weight) {
      prepare_.push_back(SetWeight{backend, name, server.weight});
      use(Mechanism::Runtime);
    }
    if (server.admin < (now ? now->admin : Admin::Maintenance)) {
      prepare_.push_back(SetAdmin{backend, name, server.admin});
      use(Mechanism::Runtime);
    }
  }

  bool replacesOther(const std::string& backend, const std::string& name) const {
    const auto servers = live_.servers.find(backend);
    if (servers == live_.servers.end()) return false;
    const auto node = ServerName::parse(name)->node;
    for (const auto& [other, server] : servers->second)
      if (const auto parsed = ServerName::parse(other); parsed && parsed->node == node && !server.retired())
        return true;
    return false;
  }

  void publish() {
    for (const auto& [id, at] : places_) {
      if (at.fresh()) continue;
      const auto slot = Slot::nameOf(at.slot);
      const auto& text = target_.balancers.at(slot);
      const auto held = Descriptor::parse(live_.balancers.at(slot));
      if (held && held->backend == Descriptor::parse(text)->backend) continue;
      publish_.push_back(SetEntry{MapFile::Balancers, slot, text});
      use(Mechanism::Runtime);
    }
    for (const auto& [key, slot] : target_.vips) put(publish_, MapFile::Vips, live_.vips, key, slot);
    remove(publish_, MapFile::Vips, live_.vips, target_.vips);
  }

  void remove(Steps& stage, MapFile map, const Entries& live, const Entries& target) {
    for (const auto& [key, value] : live) {
      if (target.count(key)) continue;
      stage.push_back(RemoveEntry{map, key});
      if (map != MapFile::Device) use(Mechanism::Runtime);
    }
  }

  void retire() {
    for (const auto& [backend, servers] : live_.servers)
      for (const auto& [name, now] : servers) {
        const auto* wanted = serverOf(target_, backend, name);
        const bool leaves = !wanted && !now.retired();
        const bool rests = wanted && wanted->admin > now.admin;
        if (rests || (leaves && now.admin != Admin::Maintenance))
          retire_.push_back(SetAdmin{backend, name, wanted ? wanted->admin : Admin::Maintenance});
        if (leaves && now.weight != 0) retire_.push_back(SetWeight{backend, name, 0});
        if (leaves || rests) use(Mechanism::Runtime);
      }
    remove(retire_, MapFile::Drains, live_.drains, target_.drains);
    remove(retire_, MapFile::Balancers, live_.balancers, target_.balancers);
  }

  // Last, so that a generation is only claimed by a proxy that runs it.
  void record() {
    for (const auto& [key, value] : target_.device)
      if (key != "suspended") put(record_, MapFile::Device, live_.device, key, value);
    if (live_.device.count("suspended") && !target_.device.count("suspended")) use(Mechanism::Runtime);
    remove(record_, MapFile::Device, live_.device, target_.device);
  }

  const ProxyState& live_;
  const ProxyState& target_;
  const Placements& places_;
  Steps prepare_, publish_, retire_, record_;
  Mechanism mechanism_ = Mechanism::None;
};

}  // namespace

Plan plan(const ProxyState& live, const Layout& target) { return Planner(live, target).make(); }

}  // namespace libra::sidecar::haproxy
