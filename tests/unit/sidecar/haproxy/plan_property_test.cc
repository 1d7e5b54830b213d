// Random walks over device states against a model of HAProxy: each plan ends in what was
// wanted, a second one is empty, and no connection between two steps meets a half-made
// load balancer. The seed is printed; LIBRA_SEED repeats a run.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "sidecar/haproxy/plan.h"
#include "sidecar/haproxy/wanted.h"
#include "tests/support/certificates.h"
#include "tests/support/device_states.h"
#include "tests/support/haproxy_model.h"

namespace libra::sidecar::haproxy {
namespace {

using protocol::DeviceState;
using protocol::LoadBalancerState;
using protocol::NodeState;
using test::HaproxyModel;
using test::View;

const std::vector<std::uint16_t> kPorts{80, 443, 3306, 8443};

// A few per load balancer, none of them another's.
const std::vector<protocol::CertificateState>& certificatesOf(const std::string& balancer) {
  static const test::Certificates kAuthority;
  static std::map<std::string, std::vector<protocol::CertificateState>> made;
  auto& own = made[balancer];
  while (own.size() < 3) own.push_back(kAuthority.make());
  return own;
}
const std::string& authority() {
  static const std::string kPem = test::Certificates().authority();
  return kPem;
}

// States from small pools, so that neighbours on a walk have much in common.
class Walk {
 public:
  explicit Walk(std::uint64_t seed) : random_(seed) {}

  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }
  bool oneIn(int n) { return below(n) == 0; }

  DeviceState next(const DeviceState& from) {
    DeviceState state = from;
    state.generation = from.generation + 1;
    state.suspended = oneIn(10);
    auto& balancers = state.load_balancers;
    std::erase_if(balancers, [&](auto&) { return oneIn(5); });
    for (auto& balancer : balancers)
      if (oneIn(2)) change(balancer);
    while (balancers.size() < kMaxLoadBalancers && oneIn(2)) balancers.push_back(fresh());
    removeClashes(balancers);
    return state;
  }

 private:
  template <typename T>
  T oneOf(std::initializer_list<T> values) {
    return *(values.begin() + below(static_cast<int>(values.size())));
  }

  LoadBalancerState fresh() {
    auto balancer = test::aBalancer(std::to_string(1 + below(12)), 80, {});
    for (int i = 0; i < 8; ++i) change(balancer);
    return balancer;
  }

  void change(LoadBalancerState& b) {
    using std::chrono::seconds;
    switch (below(15)) {
      case 0:
        b.protocol = oneOf({Protocol::Http, Protocol::Tcp, Protocol::Galera});
        break;
      case 1:
        b.port = oneOf<std::uint16_t>({80, 443, 3306});
        break;
      case 2:
        b.addresses.clear();
        for (int i = 1; i < 4; ++i)
          if (oneIn(2)) b.addresses.push_back(*NetAddress::parse("fd77::" + std::to_string(i)));
        break;
      case 3:
        b.algorithm = oneOf({Algorithm::RoundRobin, Algorithm::LeastConnections, Algorithm::Random,
                             Algorithm::WeightedRoundRobin, Algorithm::WeightedLeastConnections});
        break;
      case 4:
        b.options.retries = oneOf({0, 3, 200});
        b.options.server_timeout = b.options.client_timeout = b.options.connect_timeout =
            oneOf({seconds(0), seconds(4), seconds(30), seconds(100)});
        break;
      case 5:
        b.monitor = {oneOf({MonitorType::Connect, MonitorType::Http}), oneOf({seconds(5), seconds(30)}), seconds(5),
                     oneOf({2, 3}), oneOf({"/", "/health;|x"})};
        break;
      case 6:
        b.persistence = oneOf<std::optional<Persistence>>(
            {std::nullopt, Persistence::None, Persistence::SourceIp, Persistence::HttpCookie});
        break;
      case 7:
        changePolicies(b);
        break;
      case 8:
        b.access_list.clear();
        for (const char* network : {"0.0.0.0", "10.0.0.0", "10.1.0.0", "fd77::"})
          if (oneIn(2)) b.access_list.push_back({*NetAddress::parse(network), network[1] == '.' ? 0 : 17, oneIn(2)});
        break;
      case 9:
        b.error_page = oneOf<std::optional<std::string>>({std::nullopt, "sorry", "<p>\n\n100%;|x"});
        break;
      case 10:
        changeTls(b);
        break;
      case 11:
        b.node_tls = {oneIn(2), oneIn(2) ? authority() : "", oneIn(2) ? "node.example" : ""};
        break;
      default:
        changeNodes(b);
    }
    if (b.protocol == Protocol::Galera) b.tls.reset();
    if (b.tls && b.tls->port == b.port) b.tls->port = 8443;
    b.https_redirect = b.https_redirect && b.tls && b.tls->enabled && b.protocol == Protocol::Http;
    if (b.protocol == Protocol::Http) b.half_closed = false;
    if (b.protocol != Protocol::Http && b.persistence == Persistence::HttpCookie) b.persistence.reset();
    if (b.protocol == Protocol::Galera) onePrimary(b);
  }

  void changePolicies(LoadBalancerState& b) {
    using std::chrono::seconds;
    b.suspended = oneIn(3);
    b.connection_logging = oneIn(2);
    b.half_closed = oneIn(3);
    b.proxy_protocol = oneIn(2);
    b.forwarded = {oneIn(2), oneIn(2), oneIn(2)};
    b.throttle.reset();
    if (oneIn(2)) b.throttle = {oneOf({0, 7}), oneOf({0, 3}), oneOf({0, 20}), oneOf({seconds(1), seconds(7)})};
  }

  void changeTls(LoadBalancerState& b) {
    const auto certificate = [&](const char* host) {
      auto made = certificatesOf(b.id)[static_cast<std::size_t>(below(3))];
      made.host = host;
      if (oneIn(3)) made.intermediates = authority();
      return made;
    };
    b.tls.reset();
    b.https_redirect = oneIn(3);
    if (oneIn(4)) return;
    b.tls = {!oneIn(5), oneOf<std::uint16_t>({443, 8443}), oneIn(3), certificate(""), {}};
    for (const char* host : {"a.example", "*.b.example"})
      if (oneIn(2)) b.tls->mappings.push_back(certificate(host));
  }

  void changeNodes(LoadBalancerState& b) {
    using std::chrono::seconds;
    std::erase_if(b.nodes, [&](auto&) { return oneIn(4); });
    for (auto& node : b.nodes) {
      if (oneIn(4)) node.enabled = !node.enabled;
      if (oneIn(4)) node.draining = oneOf<std::optional<seconds>>({std::nullopt, seconds(0), seconds(1), seconds(9)});
      if (oneIn(4)) node.backup = !node.backup;
      if (oneIn(4)) node.weight = oneOf({1, 2, 256});
      if (oneIn(4)) node.tls = !node.tls;
      if (oneIn(8)) node.port = oneOf<std::uint16_t>({8080, 8081});
    }
    const auto id = std::to_string(1 + below(8));
    const auto taken = std::any_of(b.nodes.begin(), b.nodes.end(), [&](const auto& node) { return node.id == id; });
    if (!taken) b.nodes.push_back(test::aNode(id, 8080, "10.0.0." + id));
  }

  void onePrimary(LoadBalancerState& b) {
    const int primary = b.nodes.empty() ? 0 : below(static_cast<int>(b.nodes.size()));
    for (std::size_t i = 0; i < b.nodes.size(); ++i) b.nodes[i].backup = static_cast<int>(i) != primary;
    for (auto& node : b.nodes) node.draining.reset();
  }

  void removeClashes(std::vector<LoadBalancerState>& balancers) {
    std::set<std::string> taken;
    std::erase_if(balancers, [&](const auto& balancer) {
      std::vector<std::string> keys{"id " + balancer.id};
      for (const auto& [key, way] : waysTo(balancer, "")) keys.push_back(key);
      for (const auto& key : keys)
        if (taken.count(key)) return true;
      taken.insert(keys.begin(), keys.end());
      return false;
    });
  }

  std::mt19937_64 random_;
};

// normalised(), where certificates that a load balancer already had are not read once more:
// that is what takes the time.
class Normal {
 public:
  DeviceState of(const DeviceState& wanted) {
    std::vector<std::pair<LoadBalancerState, LoadBalancerState>> forms;
    for (const auto& balancer : wanted.load_balancers) forms.emplace_back(balancer, formOf(balancer));
    forms_ = std::move(forms);
    DeviceState state{wanted.generation, {}, {}, wanted.suspended};
    for (const auto& [given, form] : forms_) state.load_balancers.push_back(form);
    std::ranges::sort(state.load_balancers, {}, &LoadBalancerState::id);
    return state;
  }

 private:
  LoadBalancerState formOf(const LoadBalancerState& balancer) const {
    const auto known = std::ranges::find_if(forms_, [&](const auto& pair) {
      return pair.first.tls == balancer.tls && pair.first.node_tls == balancer.node_tls;
    });
    if (known == forms_.end()) return alone(balancer);
    auto plain = balancer;
    plain.tls.reset();
    plain.node_tls = {};
    plain.https_redirect = false;
    auto form = alone(plain);
    form.tls = known->second.tls;
    form.node_tls = known->second.node_tls;
    form.https_redirect = balancer.https_redirect;
    return form;
  }

  static LoadBalancerState alone(const LoadBalancerState& balancer) {
    const auto state = normalised(test::aDevice(1, {balancer}), {kPorts});
    if (!state) throw std::logic_error(state.error().message);
    return state->load_balancers.front();
  }

  std::vector<std::pair<LoadBalancerState, LoadBalancerState>> forms_;  // as given last, and normalised
};

using Group = std::map<std::string, int>;

// `now` has at least what is in both, at most what is in either; what stays has one of its weights.
bool liesBetween(const Group& now, const Group& before, const Group& after) {
  for (const auto& [endpoint, weight] : before)
    if (after.count(endpoint) && !now.count(endpoint)) return false;
  for (const auto& [endpoint, weight] : now) {
    const auto was = before.find(endpoint), will = after.find(endpoint);
    const bool leaves = was != before.end() && will == after.end();
    const bool weighs =
        (was != before.end() && was->second == weight) || (will != after.end() && will->second == weight);
    if (!leaves && !weighs) return false;
  }
  return true;
}

// A node may turn from active to backup or back by a second server beside the first.
Group all(const View& view) {
  auto group = view.active;
  group.insert(view.backups.begin(), view.backups.end());
  return group;
}

std::string text(const std::optional<View>& view) {
  if (!view) return "nothing";
  std::string text = view->balancer + " in " + view->backend + ":";
  for (const auto& [endpoint, weight] : view->active) text += " " + endpoint + "=" + std::to_string(weight);
  for (const auto& [endpoint, weight] : view->backups) text += " (" + endpoint + "=" + std::to_string(weight) + ")";
  for (const auto& [host, certificate] : view->shown) text += " '" + host + "' by " + certificate;
  if (view->redirect != 0) text += " pointed to " + std::to_string(view->redirect);
  return text + "\n" + view->policies;
}

// Each certificate one of the two, none missing that is shown before and after.
bool showsBetween(const View& now, const View& before, const View& after) {
  using Shown = std::map<std::string, std::string>;
  const auto is = [](const Shown& shown, const std::string& host, const std::string& certificate) {
    const auto found = shown.find(host);
    return found != shown.end() && found->second == certificate;
  };
  for (const auto& [host, certificate] : before.shown)
    if (after.shown.count(host) && !now.shown.count(host)) return false;
  return std::all_of(now.shown.begin(), now.shown.end(), [&](const auto& one) {
    return is(before.shown, one.first, one.second) || is(after.shown, one.first, one.second);
  });
}

// What connections meet in a whole state: by VIP key the owner, by owner the view.
struct Picture {
  std::map<std::string, std::string> owners;
  std::map<std::string, View> views, met;

  explicit Picture(const HaproxyModel& model) {
    for (const auto& [key, way] : model.state.vips)
      if (auto view = model.meets(key)) {
        owners[key] = view->balancer;
        views.emplace(nameOf(*view), *view);
        met.emplace(key, *view);
      }
  }
  std::optional<View> at(const std::string& key) const {
    const auto found = met.find(key);
    return found == met.end() ? std::nullopt : std::optional(found->second);
  }
  // A load balancer has one at its plain port and one at its secure one.
  static std::string nameOf(const View& view) { return view.balancer + (view.shown.empty() ? "" : " by TLS"); }

  // The view of the same load balancer in the same way; else in the other, which says nothing
  // of redirects and certificates.
  std::optional<View> like(const View& now) const {
    if (const auto found = views.find(nameOf(now)); found != views.end()) return found->second;
    const auto found = views.find(now.balancer + (now.shown.empty() ? " by TLS" : ""));
    if (found == views.end()) return std::nullopt;
    auto view = found->second;
    view.redirect = -1;
    view.shown.clear();
    return view;
  }
  bool owns(const std::string& balancer, const std::string& key) const {
    const auto owner = owners.find(key);
    return owner != owners.end() && owner->second == balancer;
  }
};

bool isSound(const std::string& key, const std::optional<View>& now, const Picture& before, const Picture& after) {
  if (!now) return !before.owners.count(key) || !after.owners.count(key);
  if (!before.owns(now->balancer, key) && !after.owns(now->balancer, key)) return false;
  const auto was = before.like(*now), will = after.like(*now);
  if ((was && *now == *was) || (will && *now == *will)) return true;
  if (!was || !will || !showsBetween(*now, *was, *will)) return false;
  // In between is only what changes in its place; a new backend is complete when first met.
  auto complete = *now;
  complete.shown = will->shown;
  if (will->redirect == -1 && now->redirect == was->redirect) complete.redirect = -1;  // it is about to go
  return complete == *will ||
         (now->backend == was->backend && (now->policies == was->policies || now->policies == will->policies) &&
          (now->redirect == was->redirect || now->redirect == will->redirect) &&
          liesBetween(all(*now), all(*was), all(*will)));
}

class PlanProperty : public testing::Test {
 protected:
  Layout layoutFor(const DeviceState& wanted) {
    const auto places = place(model_.state, wanted);
    if (!places) throw std::logic_error(places.error().message);
    return layOut(model_.state, wanted, *places, {}, Time(std::chrono::seconds(5)));
  }

  // Runs the plan, looking at every connection after every step.
  void makeTrue(const DeviceState& wanted) {
    const auto target = layoutFor(wanted);
    HaproxyModel end;
    end.state = target.state;
    const Picture before(model_), after(end);
    std::set<std::string> keys;
    for (const auto* picture : {&before, &after})
      for (const auto& [key, owner] : picture->owners) keys.insert(key);
    const bool suspended = model_.state.device.count("suspended") && wanted.suspended;

    for (const auto& stage : plan(model_.state, target).stages)
      for (const auto& step : stage) {
        model_.run(step);
        const auto met = connections(keys);
        for (const auto& [key, view] : met)
          ASSERT_TRUE(isSound(key, view, before, after))
              << key << " meets " << text(view) << "between " << text(before.at(key)) << "and " << text(after.at(key));
        ASSERT_TRUE(!suspended || model_.state.device.count("suspended"));
        checkPrimaries(met);
        checkRedirects(met, before, after);
      }
  }

  using Connections = std::map<std::string, std::optional<View>>;

  // What they meet now, at these keys and wherever else there is something.
  Connections connections(const std::set<std::string>& keys) const {
    Connections met;
    for (const auto& key : keys) met.emplace(key, model_.meets(key));
    for (const auto& [key, way] : model_.state.vips)
      if (!met.contains(key)) met.emplace(key, model_.meets(key));
    return met;
  }

  static void checkPrimaries(const Connections& met) {
    for (const auto& [key, view] : met) {
      const bool writers = view && view->protocol == Protocol::Galera;
      ASSERT_TRUE(!writers || view->active.size() <= 1u) << "two primaries at " << key;
    }
  }

  // Where the load balancer is before and after, at both ports.
  static void checkRedirects(const Connections& met, const Picture& before, const Picture& after) {
    for (const auto& [key, view] : met) {
      if (!view || view->redirect == 0) continue;
      const auto there = key.substr(0, key.rfind(':') + 1) + std::to_string(view->redirect);
      const auto stays = [&](const std::string& at) {
        return before.owns(view->balancer, at) && after.owns(view->balancer, at);
      };
      if (!stays(key) || !stays(there)) continue;
      const auto& secure = met.at(there);
      ASSERT_TRUE(secure && secure->balancer == view->balancer && !secure->shown.empty()) << key << " points nowhere";
    }
  }

  HaproxyModel model_;
};

std::uint64_t seed() {
  const char* given = std::getenv("LIBRA_SEED");
  return given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

DeviceState withoutCertificates(DeviceState state) {
  for (auto& balancer : state.load_balancers) hideCertificates(balancer);
  return state;
}

TEST_F(PlanProperty, EveryWalkKeepsEveryConnectionWhole) {
  const auto from = seed();
  RecordProperty("seed", std::to_string(from));
  std::cout << "LIBRA_SEED=" << from << "\n";
  Walk walk(from);
  Normal normal;
  DeviceState wanted;
  for (int step = 0; step < 10'000; ++step) {
    SCOPED_TRACE("step " + std::to_string(step) + ", LIBRA_SEED=" + std::to_string(from));
    if (walk.oneIn(3)) model_.endQuarantine();
    wanted = walk.next(wanted);
    const auto state = normal.of(wanted);
    ASSERT_NO_FATAL_FAILURE(makeTrue(state));
    ASSERT_EQ(describe(model_.state), withoutCertificates(state));
    const auto again = plan(model_.state, layoutFor(state));
    ASSERT_TRUE(again.empty() && again.mechanism == Mechanism::None);
  }
}

}  // namespace
}  // namespace libra::sidecar::haproxy
