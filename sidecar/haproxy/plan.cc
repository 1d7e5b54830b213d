#include "sidecar/haproxy/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "sidecar/haproxy/certificate_plan.h"
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
  Planner(const ProxyState& live, const Layout& target) : live_(live), target_(target.state), places_(target.places) {
    if (const auto* edition = valueOf(live.device, "edition")) edition_ = *edition;
  }

  Plan make() {
    suspend();
    certificates_ = planCertificates(live_, target_);
    if (!certificates_.empty()) use(Mechanism::Runtime);
    add(prepare_, certificates_.prepare);
    for (const auto& [key, value] : target_.access) put(prepare_, MapFile::Access, live_.access, key, value);
    for (const auto& [key, value] : target_.pages) put(prepare_, MapFile::Pages, live_.pages, key, value);
    for (const auto& [id, at] : places_) texts_[id] = textsFor(at);
    for (const auto& [id, at] : places_) prepare(at, texts_.at(id).prepared);
    for (const auto& [backend, servers] : target_.servers)
      for (const auto& [name, server] : servers) bringUp(backend, name, server);
    for (const auto& [key, until] : target_.drains) put(prepare_, MapFile::Drains, live_.drains, key, until);
    publish();
    retire();
    for (auto* stage : {&prepare_, &publish_, &retire_}) tellConnections(*stage);
    record();
    // Who read the maps before they were changed has chosen a server before it retires.
    if (!publish_.empty() && !retire_.empty()) grace_.push_back(GracePeriod{});

    Plan plan;
    for (auto* stage : {&prepare_, &publish_, &grace_, &retire_, &record_})
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

  static void add(Steps& stage, Steps& steps) { std::move(steps.begin(), steps.end(), std::back_inserter(stage)); }

  // What a stage made true is known to kept connections when it ends: before the next one takes
  // away what they had until then. In between the edition is one that nobody has been told.
  void tellConnections(Steps& stage) {
    if (std::none_of(stage.begin(), stage.end(), [](const auto& step) { return isTold(step); })) return;
    tell(stage, editionNamed(fmt::format("{}+{}", edition_.value_or(""), target_.device.at("generation"))));
  }

  void tell(Steps& stage, const std::string& edition) {
    if (edition_)
      stage.push_back(SetEntry{MapFile::Device, "edition", edition});
    else
      stage.push_back(AddEntry{MapFile::Device, "edition", edition});
    edition_ = edition;
  }

  static bool isTold(const Step& step) {
    return std::visit(
        [](const auto& one) {
          if constexpr (requires { one.map; })
            return one.map == MapFile::Balancers || one.map == MapFile::Vips || one.map == MapFile::Device;
          return false;
        },
        step);
  }

  void suspend() {
    if (const auto* suspended = valueOf(target_.device, "suspended"))
      put(prepare_, MapFile::Device, live_.device, "suspended", *suspended);
    if (!prepare_.empty()) use(Mechanism::Runtime);
  }

  // The attributes of a load balancer that stays come first, with the backend it is in:
  // new servers then are checked by the new path, and the change of backend is one entry.
  void prepare(const Placement& at, const std::string& text) {
    const auto slot = Slot::nameOf(at.slot);
    if (at.fresh()) {
      prepare_.push_back(ForgetSources{sourceTable(at.slot)});
      if (at.moves()) use(Mechanism::Class);
    }
    put(prepare_, MapFile::Balancers, live_.balancers, slot, text);
  }

  // A load balancer's entry while its servers come, and while what nobody needs any more leaves.
  struct Texts {
    std::string prepared, published;
  };
  Texts textsFor(const Placement& at) const {
    const auto slot = Slot::nameOf(at.slot);
    const auto held = at.fresh() ? std::nullopt : Descriptor::parse(live_.balancers.at(slot));
    const auto descriptor = published(*Descriptor::parse(target_.balancers.at(slot)), held);
    return {prepared(descriptor, held).text(), descriptor.text()};
  }

  static Descriptor prepared(Descriptor descriptor, const std::optional<Descriptor>& held) {
    if (!held) return descriptor;
    descriptor.backend = held->backend;
    // Nobody is pointed to a secure port that is not open yet.
    auto& balancer = descriptor.balancer;
    balancer.https_redirect = balancer.https_redirect && held->balancer.https_redirect;
    if (balancer.https_redirect) balancer.tls->port = held->balancer.tls->port;
    return descriptor;
  }

  // TLS that ends has its listener until nobody comes to it any more; where the plain port is
  // to close, it points to the secure one until then.
  static Descriptor published(Descriptor descriptor, const std::optional<Descriptor>& held) {
    if (!held) return descriptor;
    auto& balancer = descriptor.balancer;
    if (held->balancer.https_redirect && !balancer.https_redirect && balancer.tls && balancer.tls->secure_only) {
      balancer.https_redirect = true;
      balancer.tls->port = held->balancer.tls->port;
    }
    if (balancer.tls) return descriptor;
    descriptor.listener = held->listener;
    balancer.tls = held->balancer.tls;
    return descriptor;
  }

  void bringUp(const std::string& backend, const std::string& name, const Server& server) {
    const auto* now = serverOf(live_, backend, name);
    if (!now) {
      prepare_.push_back(AddServer{backend, name, server});
      use(replacesOther(backend, name) ? Mechanism::Generation : Mechanism::Runtime);
      if (ServerName::parse(name)->delay == 0) use(Mechanism::SidecarCheck);
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

  // First what is secure, then who is pointed there, then what is plain, and back: nobody is
  // served in clear text who shall not be, nor pointed to what is not there.
  void publish() {
    add(publish_, certificates_.publish);
    for (const auto& [key, way] : target_.vips)
      if (way.ends_with(".tls")) put(publish_, MapFile::Vips, live_.vips, key, way);
    for (const auto& [id, at] : places_) change(publish_, at, texts_.at(id).prepared, texts_.at(id).published);
    for (const auto& [key, way] : target_.vips)
      if (!way.ends_with(".tls")) put(publish_, MapFile::Vips, live_.vips, key, way);
    removeVips([](const std::string& way) { return !way.ends_with(".tls"); });
    removeVips([](const std::string& way) { return way.ends_with(".tls"); });
  }

  template <typename Which>
  void removeVips(Which which) {
    auto some = live_.vips;
    std::erase_if(some, [&](const auto& vip) { return !which(vip.second); });
    remove(publish_, MapFile::Vips, some, target_.vips);
  }

  void change(Steps& stage, const Placement& at, const std::string& from, const std::string& to) {
    if (from == to) return;
    stage.push_back(SetEntry{MapFile::Balancers, Slot::nameOf(at.slot), to});
    use(Mechanism::Runtime);
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
    for (const auto& [id, at] : places_)
      change(retire_, at, texts_.at(id).published, target_.balancers.at(Slot::nameOf(at.slot)));
    add(retire_, certificates_.retire);
    remove(retire_, MapFile::Drains, live_.drains, target_.drains);
    remove(retire_, MapFile::Balancers, live_.balancers, target_.balancers);
  }

  // Last, so that a generation is only claimed by a proxy that runs it.
  void record() {
    if (live_.device.count("suspended") && !target_.device.count("suspended")) use(Mechanism::Runtime);
    remove(record_, MapFile::Device, live_.device, target_.device);
    if (const auto& edition = target_.device.at("edition"); edition_ != edition) tell(record_, edition);
    put(record_, MapFile::Device, live_.device, "generation", target_.device.at("generation"));
  }

  const ProxyState& live_;
  const ProxyState& target_;
  const Placements& places_;
  CertificatePlan certificates_;
  std::map<std::string, Texts> texts_;  // by load balancer id
  Steps prepare_, publish_, grace_, retire_, record_;
  Mechanism mechanism_ = Mechanism::None;
  std::optional<std::string> edition_;  // what connections were told last
};

}  // namespace

Plan plan(const ProxyState& live, const Layout& target) { return Planner(live, target).make(); }

}  // namespace libra::sidecar::haproxy
