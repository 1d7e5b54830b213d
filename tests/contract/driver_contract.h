#pragma once

// What every driver does, whatever proxy it drives. A driver joins with
//   INSTANTIATE_TYPED_TEST_SUITE_P(Haproxy, DriverContract, HaproxyHost);
// where the host has `Driver& driver()` and `std::uint16_t port(std::size_t)`, ports 0 and
// 1 being such that load balancers may listen there.

#include <gtest/gtest.h>

#include <algorithm>

#include "lib/protocol/needs.h"
#include "sidecar/driver.h"
#include "tests/support/comparable.h"
#include "tests/support/device_states.h"

namespace libra::test {

template <typename Host>
class DriverContract : public testing::Test {
 protected:
  using Mechanism = sidecar::Mechanism;

  sidecar::Driver& driver() { return host_.driver(); }

  sidecar::Applied apply(const protocol::DeviceState& wanted) {
    auto applied = driver().apply(wanted);
    EXPECT_TRUE(applied) << applied.error().message << ": " << applied.error().detail;
    return applied ? *applied : sidecar::Applied{};
  }

  void expectRuns(const protocol::DeviceState& wanted) {
    const auto live = driver().live();
    ASSERT_TRUE(live) << live.error().detail;
    EXPECT_EQ(comparable(*live), comparable(wanted));
  }

  bool carries(const protocol::DeviceState& state) {
    const auto words = driver().capabilities().words;
    return std::all_of(state.load_balancers.begin(), state.load_balancers.end(),
                       [&](const auto& balancer) { return protocol::unmetNeed(balancer, words).empty(); });
  }
  // What a driver does not say it can do, it does not do half.
  void expectRefused(const protocol::DeviceState& wanted, const protocol::DeviceState& runs) {
    const auto applied = driver().apply(wanted);
    ASSERT_FALSE(applied);
    EXPECT_EQ(applied.error().code, ErrorCode::Invalid);
    expectRuns(runs);
  }

  protocol::LoadBalancerState web() const {
    auto balancer = aBalancer("15", host_.port(0), {aNode("501", 9), backup(aNode("502", 10, "fd77::2")), heavy()});
    balancer.name = "näme; \"quoted\"\n%[src]";
    balancer.monitor = {MonitorType::Http, std::chrono::seconds(20), std::chrono::seconds(10), 4, "/a?b=c;d&e#%20"};
    return balancer;
  }
  protocol::LoadBalancerState database() const {
    auto balancer = aBalancer("16", host_.port(1), {aNode("601", 9), backup(aNode("602", 9))}, Protocol::Galera);
    balancer.addresses = {*NetAddress::parse("10.77.9.1"), *NetAddress::parse("fd77:9::1")};
    balancer.options = {std::chrono::seconds(0), std::chrono::seconds(77), std::chrono::milliseconds(123), 256};
    return balancer;
  }

  Host host_;

 private:
  static protocol::NodeState heavy() {
    auto node = disabled(aNode("503", 65'535));
    node.weight = 256;
    return node;
  }
};

TYPED_TEST_SUITE_P(DriverContract);

TYPED_TEST_P(DriverContract, BeginsWithNothing) { this->expectRuns({}); }

TYPED_TEST_P(DriverContract, RunsWhatItWasGivenAndSaysSo) {
  const auto wanted = aDevice(3, {this->web(), this->database()});
  const auto applied = this->apply(wanted);
  EXPECT_EQ(applied.generation, 3u);
  EXPECT_NE(applied.mechanism, sidecar::Mechanism::None);
  for (const char* id : {"501", "502", "503", "601", "602"}) EXPECT_TRUE(applied.node_ok.at(id)) << id;
  this->expectRuns(wanted);
}

TYPED_TEST_P(DriverContract, ApplyingTheSameAgainChangesNothing) {
  const auto wanted = aDevice(3, {this->web(), this->database()});
  this->apply(wanted);
  EXPECT_EQ(this->apply(wanted).mechanism, sidecar::Mechanism::None);
  this->expectRuns(wanted);
}

TYPED_TEST_P(DriverContract, FollowsFromStateToState) {
  auto web = this->web();
  auto state = aDevice(1, {web});
  auto next = [&](auto change) {
    const auto before = state;
    ++state.generation;
    change(state);
    if (this->carries(state)) {
      this->apply(state);
      this->expectRuns(state);
    } else {
      this->expectRefused(state, before);
      state = before;
    }
  };
  this->apply(state);
  next([](auto& s) { s.load_balancers[0].nodes[0].enabled = false; });
  next([](auto& s) { s.load_balancers[0].nodes[0] = draining(aNode("501", 9)); });
  next([](auto& s) { s.load_balancers[0].nodes[0] = draining(aNode("501", 9), std::chrono::seconds(4'102'444'800)); });
  next([](auto& s) { s.load_balancers[0].nodes[0].draining = std::chrono::seconds(1); });
  next([](auto& s) { s.load_balancers[0].nodes[0] = disabled(aNode("501", 9)); });
  next([](auto& s) { s.load_balancers[0].nodes[0].weight = 7; });
  next([](auto& s) { s.load_balancers[0].nodes[0].backup = true; });
  next([](auto& s) { s.load_balancers[0].nodes.push_back(aNode("504", 9)); });
  next([](auto& s) { s.load_balancers[0].nodes.erase(s.load_balancers[0].nodes.begin()); });
  next([](auto& s) { s.load_balancers[0].algorithm = Algorithm::LeastConnections; });
  next([](auto& s) { s.load_balancers[0].algorithm = Algorithm::WeightedLeastConnections; });
  next([](auto& s) { s.load_balancers[0].algorithm = Algorithm::Random; });
  next([](auto& s) { s.load_balancers[0].persistence = Persistence::SourceIp; });
  next([](auto& s) { s.load_balancers[0].persistence = Persistence::None; });
  next([](auto& s) { s.load_balancers[0].suspended = true; });
  next([](auto& s) { s.load_balancers[0].suspended = false; });
  next([](auto& s) { s.load_balancers[0].access_list = {{*NetAddress::parse("10.0.0.0"), 8, true}}; });
  next([](auto& s) { s.load_balancers[0].access_list.push_back({*NetAddress::parse("fd77::"), 17, false}); });
  next([](auto& s) { s.load_balancers[0].throttle = {7, 3, 20, std::chrono::seconds(45)}; });
  next([](auto& s) { s.load_balancers[0].throttle.reset(); });
  next([](auto& s) { s.load_balancers[0].error_page = "<h1>\n\"sorry\"; %[src] #\\n</h1>"; });
  next([](auto& s) { s.load_balancers[0].error_page.reset(); });
  next([](auto& s) { s.load_balancers[0].forwarded = {false, true, false}; });
  next([](auto& s) { s.load_balancers[0].forwarded = {}; });
  next([](auto& s) { s.load_balancers[0].connection_logging = true; });
  next([](auto& s) { s.load_balancers[0].proxy_protocol = true; });
  next([](auto& s) { s.load_balancers[0].access_list.clear(); });
  next([](auto& s) { s.load_balancers[0].monitor = {}; });
  next([](auto& s) { s.load_balancers[0].options.retries = 0; });
  next([](auto& s) { s.load_balancers[0].protocol = Protocol::Tcp; });
  next([](auto& s) { s.load_balancers[0].half_closed = true; });
  next([](auto& s) { s.load_balancers[0].addresses = {*NetAddress::parse("10.77.9.3")}; });
  next([&](auto& s) { s.load_balancers.push_back(this->database()); });
  next([](auto& s) { s.load_balancers.erase(s.load_balancers.begin()); });
  next([](auto& s) { s.suspended = true; });
  next([](auto& s) { s.suspended = false; });
  next([](auto& s) { s.load_balancers.clear(); });
}

TYPED_TEST_P(DriverContract, HealthIsToldForEveryNodeUsageForEveryLoadBalancer) {
  this->apply(aDevice(1, {this->web(), this->database()}));
  const auto health = this->driver().health();
  ASSERT_TRUE(health);
  EXPECT_EQ(health->size(), 5u);
  const auto usage = this->driver().usage();
  ASSERT_TRUE(usage);
  EXPECT_NE(usage->proxy_start, 0u);
  EXPECT_EQ(usage->load_balancers.size(), 2u);
}

TYPED_TEST_P(DriverContract, CarriesAsManyLoadBalancersAsItSays) {
  auto state = aDevice(1, {});
  for (int i = 1; i <= this->driver().capabilities().max_load_balancers; ++i) {
    state.load_balancers.push_back(
        aBalancer(std::to_string(i), this->host_.port(0), {aNode(std::to_string(100 + i), 9)}));
    state.load_balancers.back().addresses = {NetAddress::fromV4(0x0A4D0900u + static_cast<unsigned>(i))};
  }
  this->apply(state);
  this->expectRuns(state);
}

TYPED_TEST_P(DriverContract, TheStartUpConfigurationCanBeWrittenForAnyState) {
  const auto wanted = aDevice(1, {this->web(), this->database()});
  this->apply(wanted);
  const auto status = this->driver().writeColdStart(wanted);
  EXPECT_TRUE(status) << status.error().detail;
}

REGISTER_TYPED_TEST_SUITE_P(DriverContract, BeginsWithNothing, RunsWhatItWasGivenAndSaysSo,
                            ApplyingTheSameAgainChangesNothing, FollowsFromStateToState,
                            HealthIsToldForEveryNodeUsageForEveryLoadBalancer, CarriesAsManyLoadBalancersAsItSays,
                            TheStartUpConfigurationCanBeWrittenForAnyState);

}  // namespace libra::test
