// What a change becomes on the stats socket, line by line.

#include "sidecar/haproxy/plan.h"

#include <gtest/gtest.h>

#include "sidecar/haproxy/wanted.h"
#include "tests/support/device_states.h"
#include "tests/support/haproxy_model.h"

namespace libra::sidecar::haproxy {
namespace {

using protocol::DeviceState;
using protocol::LoadBalancerState;
using test::aBalancer;
using test::aDevice;
using test::aNode;

using Lines = std::vector<std::string>;

class Change : public testing::Test {
 protected:
  Plan planTo(const DeviceState& wanted) const {
    const auto state = *normalised(wanted, {{80, 443}});
    return plan(model_.state,
                layOut(model_.state, state, *place(model_.state, state), {}, Time(std::chrono::seconds(1000))));
  }

  // Applies `wanted` to the model; each stage ends with a line "--". Without the editions.
  Lines linesTo(const DeviceState& wanted) {
    const auto changes = planTo(wanted);
    mechanism_ = changes.mechanism;
    Lines lines;
    for (const auto& stage : changes.stages) {
      for (const auto& step : stage) {
        model_.run(step);
        const auto commands = commandsFor(step);
        for (const auto& command : *commands)
          if (command.line.find(" map device.map edition ") == command.line.npos) lines.push_back(command.line);
      }
      if (!lines.empty() && lines.back() != "--") lines.push_back("--");
    }
    return lines;
  }

  LoadBalancerState web(std::vector<protocol::NodeState> nodes) const { return aBalancer("15", 80, std::move(nodes)); }

  static protocol::NodeState a() { return aNode("501", 8080, "10.0.0.1"); }
  static protocol::NodeState b() { return aNode("502", 8080, "fd77::2"); }

  test::HaproxyModel model_;
  Mechanism mechanism_ = Mechanism::None;
};

// Nothing retires while a thread may be at what it read in the maps before.
const std::string kGracePeriod = "del server tls/nobody";

const std::string kAttributes =
    "|fpo|-|-|-|0|0|0|-|0|lb=15|protocol=HTTP|port=80|algorithm=ROUND_ROBIN|client=30000|server=30000|connect=30000|"
    "retries=3|delay=30|"
    "timeout=30|attempts=2|new=0|interval=1"
    "|in0=0|out0=0|connections0=0|requests0=0|statuses0=0,0,0,0,0|check=CONNECT|host=|status=|body=|nodehost=|"
    "authority=";
const std::string kBirth = " check inter 30s rise 2 fall 2 pool-max-conn 100 pool-purge-delay 5s";

std::string usual(std::string attributes) { return attributes.insert(attributes.find("fpo") + 3, "u"); }

std::string with(std::string attributes, const std::string& algorithm) {
  const std::string before = "ROUND_ROBIN";
  return attributes.replace(attributes.find(before), before.size(), algorithm);
}

TEST_F(Change, ANewLoadBalancerIsCompleteBeforeItsAddressLeadsToIt) {
  EXPECT_EQ(linesTo(aDevice(1, {web({a(), test::disabled(test::backup(b()))})})),
            (Lines{"clear table s1_tcp_rr_connect", "add map lb.map s1 s1_http_rr_connect|30000|/|cookie" + kAttributes,
                   "add server s1_http_rr_connect/n501-30s2 10.0.0.1:8080 weight 1" + kBirth,
                   "enable health s1_http_rr_connect/n501-30s2", "set server s1_http_rr_connect/n501-30s2 state ready",
                   "add server s1_http_rr_connect/n502-30s2b [fd77::2]:8080 weight 1" + kBirth + " backup",
                   "enable health s1_http_rr_connect/n502-30s2b", "--", "add map vip.map *:80 s1", "--",
                   "add map device.map generation 1", "--"}));
  EXPECT_EQ(mechanism_, Mechanism::Runtime);
}

TEST_F(Change, ARemovedLoadBalancerIsUnreachableBeforeItIsTakenApart) {
  linesTo(aDevice(1, {web({a()})}));
  EXPECT_EQ(linesTo(aDevice(2, {})), (Lines{"del map vip.map *:80", "--", kGracePeriod, "--",
                                            "set server s1_http_rr_connect/n501-30s2 state maint",
                                            "set server s1_http_rr_connect/n501-30s2 weight 0", "del map lb.map s1",
                                            "--", "set map device.map generation 2", "--"}));
}

TEST_F(Change, NothingToDoIsNothing) {
  linesTo(aDevice(1, {web({a(), b()})}));
  EXPECT_EQ(linesTo(aDevice(1, {web({b(), a()})})), Lines{});
  EXPECT_EQ(mechanism_, Mechanism::None);
}

TEST_F(Change, ANodeDrainsAndLeavesWhenItsTimeIsOver) {
  const std::string server = "set server s1_http_rr_connect/n501-30s2 state ";
  linesTo(aDevice(1, {web({a()})}));
  EXPECT_EQ(linesTo(aDevice(1, {web({test::draining(a())})})),
            (Lines{"add map drain.map s1/501 0", "--", server + "drain", "--"}));
  EXPECT_EQ(linesTo(aDevice(1, {web({test::draining(a(), std::chrono::seconds(1001))})})),
            (Lines{"set map drain.map s1/501 1001", "--"}));
  EXPECT_EQ(linesTo(aDevice(1, {web({test::draining(a(), std::chrono::seconds(1000))})})),
            (Lines{"set map drain.map s1/501 1000", "--", server + "maint", "--"}));
  EXPECT_EQ(linesTo(aDevice(1, {web({a()})})), (Lines{server + "ready", "--", "del map drain.map s1/501", "--"}));
}

TEST_F(Change, ANodeThatComesBackGetsItsOldServer) {
  linesTo(aDevice(1, {web({a(), b()})}));
  linesTo(aDevice(1, {web({a()})}));
  EXPECT_EQ(linesTo(aDevice(1, {web({a(), b()})})),
            (Lines{"set server s1_http_rr_connect/n502-30s2 weight 1",
                   "set server s1_http_rr_connect/n502-30s2 state ready", "--"}));
}

TEST_F(Change, AnAttributeFixedAtBirthMakesANewGeneration) {
  linesTo(aDevice(1, {web({a()})}));
  auto moved = a();
  moved.port = 9090;
  EXPECT_EQ(
      linesTo(aDevice(1, {web({moved})})),
      (Lines{"add server s1_http_rr_connect/n501-30s2-g2 10.0.0.1:9090 weight 1" + kBirth,
             "enable health s1_http_rr_connect/n501-30s2-g2", "set server s1_http_rr_connect/n501-30s2-g2 state ready",
             "--", "set server s1_http_rr_connect/n501-30s2 state maint",
             "set server s1_http_rr_connect/n501-30s2 weight 0", "--"}));
  EXPECT_EQ(mechanism_, Mechanism::Generation);
}

TEST_F(Change, AnotherAlgorithmIsOneEntryBetweenTwoCompleteBackends) {
  auto balancer = web({a()});
  linesTo(aDevice(1, {balancer}));
  balancer.algorithm = Algorithm::LeastConnections;
  EXPECT_EQ(linesTo(aDevice(1, {balancer})),
            (Lines{"set map lb.map s1 s1_http_rr_connect|30000|/|cookie" + with(kAttributes, "LEAST_CONNECTIONS"),
                   "add server s1_http_lc_connect/n501-30s2 10.0.0.1:8080 weight 1" + kBirth,
                   "enable health s1_http_lc_connect/n501-30s2", "set server s1_http_lc_connect/n501-30s2 state ready",
                   "--", "set map lb.map s1 s1_http_lc_connect|30000|/|cookie" + with(kAttributes, "LEAST_CONNECTIONS"),
                   "--", kGracePeriod, "--", "set server s1_http_rr_connect/n501-30s2 state maint",
                   "set server s1_http_rr_connect/n501-30s2 weight 0", "--"}));
  EXPECT_EQ(mechanism_, Mechanism::Runtime);
}

TEST_F(Change, PersistenceIsOneField) {
  auto balancer = web({a()});
  linesTo(aDevice(1, {balancer}));
  balancer.persistence = Persistence::SourceIp;
  EXPECT_EQ(linesTo(aDevice(1, {balancer})),
            (Lines{"set map lb.map s1 s1_http_rr_connect|30000|/|source" + kAttributes, "--"}));
}

TEST_F(Change, WhoNeedsNoRulesAnyMoreGetsAPlainBackend) {
  auto balancer = web({a()});
  linesTo(aDevice(1, {balancer}));
  balancer.persistence = Persistence::None;
  EXPECT_EQ(linesTo(aDevice(1, {balancer})),
            (Lines{"set map lb.map s1 s1_http_rr_connect|30000|/|none" + kAttributes,
                   "add server s1_plain/n501-30s2 10.0.0.1:8080 weight 1" + kBirth, "enable health s1_plain/n501-30s2",
                   "set server s1_plain/n501-30s2 state ready", "--",
                   "set map lb.map s1 s1_plain|30000|/|none" + usual(kAttributes), "--", kGracePeriod, "--",
                   "set server s1_http_rr_connect/n501-30s2 state maint",
                   "set server s1_http_rr_connect/n501-30s2 weight 0", "--"}));
  EXPECT_EQ(mechanism_, Mechanism::Runtime);
  balancer.access_list = {{*NetAddress::parse("10.1.0.0"), 16, false}};
  for (const auto& line : linesTo(aDevice(1, {balancer}))) EXPECT_EQ(line.find(" server "), line.npos) << line;
}

TEST_F(Change, OnlyTheDefaultClassHasPlainBackends) {
  auto balancer = web({a()});
  balancer.persistence = Persistence::None;
  balancer.options.retries = 7;
  linesTo(aDevice(1, {balancer}));
  EXPECT_EQ(model_.state.balancers.begin()->second.find("_plain"), std::string::npos);
}

TEST_F(Change, OptionsOfAnotherClassMoveItToAnotherSlot) {
  auto balancer = web({a()});
  linesTo(aDevice(1, {balancer}));
  balancer.options.retries = 7;
  const auto lines = linesTo(aDevice(1, {balancer}));
  EXPECT_EQ(mechanism_, Mechanism::Class);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "set map vip.map *:80 s23"), 1);
}

TEST_F(Change, SuspendComesFirstAndEnableLast) {
  linesTo(aDevice(1, {web({a()})}));
  auto suspended = aDevice(2, {web({a()})});
  suspended.suspended = true;
  EXPECT_EQ(linesTo(suspended),
            (Lines{"add map device.map suspended 1", "--", "set map device.map generation 2", "--"}));
  EXPECT_EQ(linesTo(aDevice(3, {web({a()})})),
            (Lines{"del map device.map suspended", "set map device.map generation 3", "--"}));
}

TEST_F(Change, KeptConnectionsAreToldBeforeWhatTheyHadGoesAndAgainAtTheEnd) {
  auto balancer = web({a()});
  linesTo(aDevice(1, {balancer}));
  std::vector<std::string> editions{model_.state.device.at("edition")};
  balancer.algorithm = Algorithm::LeastConnections;
  for (const auto& stage : planTo(aDevice(2, {balancer})).stages) {
    for (const auto& step : stage) model_.run(step);
    editions.push_back(model_.state.device.at("edition"));
  }
  ASSERT_EQ(editions.size(), 6u);  // prepare, publish, grace period, retire, record
  EXPECT_NE(editions[1], editions[0]);
  EXPECT_NE(editions[2], editions[1]);
  EXPECT_EQ(editions[3], editions[2]);
  EXPECT_EQ(editions[4], editions[2]);
  EXPECT_EQ(editions[5], editionOf(model_.state));
  EXPECT_NE(editions[5], editions[0]);
}

TEST_F(Change, WhoWasNotToldIsToldByTheNextApply) {
  linesTo(aDevice(1, {web({a()})}));
  model_.state.device["edition"] = "7";
  linesTo(aDevice(1, {web({a()})}));
  EXPECT_EQ(model_.state.device.at("edition"), editionOf(model_.state));
}

TEST(Normalised, RefusesWhatTheProxyCannotRun) {
  auto refused = [](auto change) {
    auto state = aDevice(1, {aBalancer("15", 80, {aNode("501", 8080)}), aBalancer("16", 443, {})});
    change(state.load_balancers[0]);
    return !normalised(state, {{80, 443}});
  };
  using B = LoadBalancerState&;
  EXPECT_FALSE(refused([](B) {}));
  EXPECT_TRUE(refused([](B b) { b.id = "1;2"; }));
  EXPECT_TRUE(refused([](B b) { b.id = "16"; }));
  EXPECT_TRUE(refused([](B b) { b.port = 81; }));
  EXPECT_TRUE(refused([](B b) { b.port = 443; }));
  EXPECT_TRUE(refused([](B b) { b.nodes[0].id = "5 01"; }));
  EXPECT_TRUE(refused([](B b) { b.nodes.push_back(b.nodes[0]); }));
  EXPECT_TRUE(refused([](B b) { b.nodes[0].weight = 0; }));
  EXPECT_TRUE(refused([](B b) { b.nodes[0].weight = 257; }));
  EXPECT_TRUE(refused([](B b) { b.nodes[0].port = 0; }));
  EXPECT_TRUE(refused([](B b) { b.monitor.path = "health"; }));
  EXPECT_TRUE(refused([](B b) { b.monitor.path = "/" + std::string(10'000, 'a'); }));
  EXPECT_TRUE(refused([](B b) { b.monitor.delay = std::chrono::seconds(0); }));
  EXPECT_TRUE(refused([](B b) { b.monitor.attempts = 0; }));
  EXPECT_TRUE(refused([](B b) { b.protocol = Protocol::Tcp, b.persistence = Persistence::HttpCookie; }));
  EXPECT_TRUE(refused([](B b) { b.options.retries = -1; }));
  EXPECT_TRUE(refused([](B b) { b.options.client_timeout = std::chrono::milliseconds(1'000'001); }));
  EXPECT_TRUE(refused([](B b) { b.protocol = Protocol::Galera, b.nodes[0] = test::draining(b.nodes[0]); }));
  EXPECT_TRUE(refused([](B b) { b.protocol = Protocol::Galera, b.nodes.push_back(aNode("502", 1)); }));
}

}  // namespace
}  // namespace libra::sidecar::haproxy
