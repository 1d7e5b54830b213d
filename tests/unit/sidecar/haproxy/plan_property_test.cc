// Random walks over device states against a model of HAProxy: each plan ends in what was
// wanted, a second one is empty, and no connection between two steps meets a half-made
// load balancer. The seed is printed; LIBRA_SEED repeats a run.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "sidecar/haproxy/plan.h"
#include "sidecar/haproxy/wanted.h"
#include "tests/support/device_states.h"
#include "tests/support/haproxy_model.h"
#include "tests/unit/sidecar/haproxy/state_walk.h"

namespace libra::sidecar::haproxy {
namespace {

using protocol::DeviceState;
using protocol::LoadBalancerState;
using test::HaproxyModel;
using test::View;
using test::Walk;

const std::vector<std::uint16_t> kPorts{80, 443, 3306, 8443};

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
