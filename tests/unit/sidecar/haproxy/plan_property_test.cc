// Random walks over device states against a model of HAProxy: each plan ends in what was
// wanted, a second one is empty, and no connection between two steps meets a half-made
// load balancer. The seed is printed; LIBRA_SEED repeats a run.

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "sidecar/haproxy/plan.h"
#include "sidecar/haproxy/wanted.h"
#include "tests/support/device_states.h"
#include "tests/support/haproxy_model.h"

namespace libra::sidecar::haproxy {
namespace {

using protocol::DeviceState;
using protocol::LoadBalancerState;
using protocol::NodeState;
using test::HaproxyModel;
using test::View;

const std::vector<std::uint16_t> kPorts{80, 443, 3306};

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
    switch (below(10)) {
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
      default:
        changeNodes(b);
    }
    if (b.protocol != Protocol::Http && b.persistence == Persistence::HttpCookie) b.persistence.reset();
    if (b.protocol == Protocol::Galera) onePrimary(b);
  }

  void changeNodes(LoadBalancerState& b) {
    using std::chrono::seconds;
    std::erase_if(b.nodes, [&](auto&) { return oneIn(4); });
    for (auto& node : b.nodes) {
      if (oneIn(4)) node.enabled = !node.enabled;
      if (oneIn(4)) node.draining = oneOf<std::optional<seconds>>({std::nullopt, seconds(0), seconds(1), seconds(9)});
      if (oneIn(4)) node.backup = !node.backup;
      if (oneIn(4)) node.weight = oneOf({1, 2, 256});
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
      auto keys = vipKeys(balancer);
      keys.push_back("id " + balancer.id);
      for (const auto& key : keys)
        if (taken.count(key)) return true;
      taken.insert(keys.begin(), keys.end());
      return false;
    });
  }

  std::mt19937_64 random_;
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
  return text;
}

// What connections meet in a whole state: by VIP key the owner, by owner the view.
struct Picture {
  std::map<std::string, std::string> owners;
  std::map<std::string, View> views;

  explicit Picture(const HaproxyModel& model) {
    for (const auto& [key, slot] : model.state.vips)
      if (auto view = model.meets(key)) {
        owners[key] = view->balancer;
        views.emplace(view->balancer, *view);
      }
  }
  bool owns(const std::string& balancer, const std::string& key) const {
    const auto owner = owners.find(key);
    return owner != owners.end() && owner->second == balancer;
  }
};

bool isSound(const std::string& key, const std::optional<View>& now, const Picture& before, const Picture& after) {
  if (!now) return !before.owners.count(key) || !after.owners.count(key);
  if (!before.owns(now->balancer, key) && !after.owns(now->balancer, key)) return false;
  const auto was = before.views.find(now->balancer), will = after.views.find(now->balancer);
  if (was != before.views.end() && *now == was->second) return true;
  if (will != after.views.end() && *now == will->second) return true;
  // In between is only what changes in its place; a new backend is complete when first met.
  return was != before.views.end() && will != after.views.end() && now->backend == was->second.backend &&
         liesBetween(all(*now), all(was->second), all(will->second));
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
        for (const auto& key : keys)
          ASSERT_TRUE(isSound(key, model_.meets(key), before, after)) << key << " meets " << text(model_.meets(key));
        ASSERT_TRUE(!suspended || model_.state.device.count("suspended"));
        checkPrimaries();
      }
  }

  void checkPrimaries() {
    for (const auto& [key, slot] : model_.state.vips) {
      const auto descriptor = Descriptor::parse(model_.state.balancers.at(slot));
      if (descriptor->balancer.protocol != Protocol::Galera) continue;
      ASSERT_LE(model_.meets(key)->active.size(), 1u) << "two primaries at " << key;
    }
  }

  HaproxyModel model_;
};

std::uint64_t seed() {
  const char* given = std::getenv("LIBRA_SEED");
  return given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

TEST_F(PlanProperty, EveryWalkKeepsEveryConnectionWhole) {
  const auto from = seed();
  RecordProperty("seed", std::to_string(from));
  std::cout << "LIBRA_SEED=" << from << "\n";
  Walk walk(from);
  DeviceState wanted;
  for (int step = 0; step < 10'000; ++step) {
    SCOPED_TRACE("step " + std::to_string(step) + ", LIBRA_SEED=" + std::to_string(from));
    if (walk.oneIn(3)) model_.endQuarantine();
    wanted = walk.next(wanted);
    const auto state = normalised(wanted, kPorts);
    ASSERT_TRUE(state) << state.error().message;
    ASSERT_NO_FATAL_FAILURE(makeTrue(*state));
    ASSERT_EQ(describe(model_.state), *state);
    const auto again = plan(model_.state, layoutFor(*state));
    ASSERT_TRUE(again.empty() && again.mechanism == Mechanism::None);
  }
}

}  // namespace
}  // namespace libra::sidecar::haproxy
