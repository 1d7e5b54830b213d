// The HAProxy driver with a real HAProxy, real back ends and real connections.

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/contract/driver_contract.h"
#include "tests/contract/haproxy_world.h"
#include "tests/support/altering_relay.h"

namespace libra::test {

class HaproxyHost {
 public:
  HaproxyHost() : driver_(*sidecar::makeDriver("haproxy", proxy_.config(), clock_)) {}

  sidecar::Driver& driver() { return *driver_; }
  std::uint16_t port(std::size_t which) const { return proxy_.port(which); }

 private:
  SystemClock clock_;
  HaproxyProcess proxy_;
  std::unique_ptr<sidecar::Driver> driver_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Haproxy, DriverContract, HaproxyHost);

}  // namespace libra::test

namespace libra::sidecar {
namespace {

using namespace libra::test;
using protocol::DeviceState;
using protocol::NodeState;

using HaproxyDriver = HaproxyWorld;

TEST_F(HaproxyDriver, ServesALoadBalancerItDidNotKnowAtBoot) {
  EXPECT_EQ(httpGet(proxy_.port()).status, 0);
  const auto applied = apply(aDevice(1, {aBalancer("15", proxy_.port(), {a(), b()})}));
  EXPECT_EQ(applied.generation, 1u);
  EXPECT_EQ(applied.mechanism, Mechanism::Runtime);
  EXPECT_EQ(applied.node_ok, (std::map<std::string, bool>{{"501", true}, {"502", true}}));
  EXPECT_EQ(answering(), (Names{"a", "b"}));
}

TEST_F(HaproxyDriver, AddsDisablesWeighsAndRemovesNodesUnderAKeptConnection) {
  auto on = [&](std::uint64_t generation, std::vector<NodeState> nodes) {
    apply(aDevice(generation, {aBalancer("15", proxy_.port(), std::move(nodes))}));
  };
  on(1, {a()});
  KeptConnection kept(proxy_.port());
  EXPECT_EQ(kept.get().firstLine(), "a");
  on(2, {a(), b(), c()});
  EXPECT_EQ(answering(9), (Names{"a", "b", "c"}));
  on(3, {disabled(a()), b(), c()});
  EXPECT_EQ(answering(9), (Names{"b", "c"}));
  EXPECT_NE(kept.get().firstLine(), "a");
  on(4, {b()});
  EXPECT_EQ(answering(4), (Names{"b"}));
  EXPECT_EQ(kept.get().firstLine(), "b");
  on(5, {});
  EXPECT_EQ(httpGet(proxy_.port()).status, 503);
  on(6, {a()});
  EXPECT_EQ(kept.get().status, 200);
}

TEST_F(HaproxyDriver, ANodeRemovedAndAddedAgainServesAtOnce) {
  for (std::uint64_t generation = 1; generation < 10; ++generation) {
    const bool both = generation % 2;
    apply(aDevice(generation, {aBalancer("15", proxy_.port(), both ? std::vector{a(), b()} : std::vector{a()})}));
    EXPECT_EQ(answering(12), both ? (Names{"a", "b"}) : Names{"a"});
  }
}

TEST_F(HaproxyDriver, ReplacesAServerByGenerationWhenItsBirthAttributesChange) {
  auto balancer = aBalancer("15", proxy_.port(), {a(), b()});
  apply(aDevice(1, {balancer}));
  balancer.monitor.delay = balancer.monitor.timeout = std::chrono::seconds(5);
  EXPECT_EQ(apply(aDevice(2, {balancer})).mechanism, Mechanism::Generation);
  balancer.nodes[0].backup = true;
  EXPECT_EQ(apply(aDevice(3, {balancer})).mechanism, Mechanism::Generation);
  EXPECT_EQ(answering(4), (Names{"b"}));
}

TEST_F(HaproxyDriver, ChangesAlgorithmProtocolAndOptionsUnderAKeptConnection) {
  auto balancer = aBalancer("15", proxy_.port(), {a(), b()});
  apply(aDevice(1, {balancer}));
  KeptConnection kept(proxy_.port());
  EXPECT_EQ(kept.get().status, 200);
  balancer.algorithm = Algorithm::LeastConnections;
  EXPECT_EQ(apply(aDevice(2, {balancer})).mechanism, Mechanism::Runtime);
  EXPECT_EQ(kept.get().status, 200);
  balancer.options.retries = 7;
  EXPECT_EQ(apply(aDevice(3, {balancer})).mechanism, Mechanism::Class);
  EXPECT_EQ(kept.get().status, 200);
  balancer.protocol = Protocol::Tcp;
  apply(aDevice(4, {balancer}));
  EXPECT_EQ(httpGet(proxy_.port()).status, 200);
  EXPECT_EQ(driver_->live()->load_balancers.front().protocol, Protocol::Tcp);
}

TEST_F(HaproxyDriver, ADrainingNodeKeepsWhomItServesUntilItsTimeIsOver) {
  auto on = [&](std::uint64_t generation, std::vector<NodeState> nodes) {
    auto balancer = aBalancer("15", proxy_.port(), std::move(nodes), Protocol::Tcp);
    balancer.algorithm = Algorithm::LeastConnections;
    return apply(aDevice(generation, {balancer}));
  };
  on(1, {a()});
  KeptConnection kept(proxy_.port());
  EXPECT_EQ(kept.get().firstLine(), "a");
  EXPECT_EQ(on(2, {draining(a()), b()}).mechanism, Mechanism::Runtime);
  (void)driver_->tick();
  EXPECT_EQ(kept.get().firstLine(), "a");
  EXPECT_EQ(driver_->health()->at("501").health, protocol::NodeHealth::Up) << "it is well, only leaving";

  const auto over = std::chrono::duration_cast<std::chrono::seconds>(clock_.now().time_since_epoch());
  on(3, {draining(a(), over), b()});
  (void)driver_->tick();
  EXPECT_EQ(kept.get().status, 0);
  EXPECT_EQ(answering(3), (Names{"b"}));
  EXPECT_EQ(driver_->live()->load_balancers.front().nodes.front(), draining(a(), over));
}

TEST_F(HaproxyDriver, EveryAlgorithmServesAllNodesAndIsChangedAtRunTime) {
  auto balancer = aBalancer("15", proxy_.port(), {a(), b()});
  std::uint64_t generation = 0;
  for (auto algorithm : {Algorithm::Random, Algorithm::WeightedRoundRobin, Algorithm::WeightedLeastConnections,
                         Algorithm::LeastConnections, Algorithm::RoundRobin}) {
    balancer.algorithm = algorithm;
    EXPECT_EQ(apply(aDevice(++generation, {balancer})).mechanism, Mechanism::Runtime) << name(algorithm);
    EXPECT_EQ(answering(30), (Names{"a", "b"})) << name(algorithm);
  }
}

TEST_F(HaproxyDriver, AnHttpLoadBalancerKeepsAClientOnItsNodeAndTellsWhoItIs) {
  apply(aDevice(1, {aBalancer("15", proxy_.port(), {a(), b()})}));
  const auto first = httpGet(proxy_.port());
  EXPECT_NE(first.body.find("x-forwarded-for: 127.0.0.1"), std::string::npos) << first.body;
  const auto cookie = first.head.find("SERVERID=");
  ASSERT_NE(cookie, std::string::npos) << first.head;
  const auto value = first.head.substr(cookie, first.head.find(';', cookie) - cookie);
  for (int i = 0; i < 4; ++i) {
    const auto again = httpGet(proxy_.port(), "/", "Cookie: " + value + "\r\n");
    EXPECT_EQ(again.firstLine(), first.firstLine());
    EXPECT_EQ(again.head.find("SERVERID="), std::string::npos) << "told once is enough";
  }
}

TEST_F(HaproxyDriver, PersistenceIsChangedAtRunTime) {
  auto balancer = aBalancer("15", proxy_.port(), {a(), b()});
  apply(aDevice(1, {balancer}));
  KeptConnection kept(proxy_.port());
  EXPECT_NE(kept.get().head.find("SERVERID="), std::string::npos);
  balancer.persistence = Persistence::SourceIp;
  EXPECT_EQ(apply(aDevice(2, {balancer})).mechanism, Mechanism::Runtime);
  EXPECT_EQ(kept.get().head.find("SERVERID="), std::string::npos);
  EXPECT_EQ(answering(6).size(), 1u);
  balancer.persistence = Persistence::None;
  EXPECT_EQ(apply(aDevice(3, {balancer})).mechanism, Mechanism::Runtime);
  EXPECT_EQ(answering(6), (Names{"a", "b"}));
  EXPECT_EQ(kept.get().status, 200);
}

TEST_F(HaproxyDriver, ItsCookieIsNoBusinessOfTheNodes) {
  apply(aDevice(1, {aBalancer("15", proxy_.port(), {a()})}));
  const std::pair<std::string, std::string> rows[] = {{"SERVERID=n1-30s2", ""},
                                                      {"SERVERID=n1-30s2; a=b", "a=b"},
                                                      {"a=b;SERVERID=n1-30s2", "a=b"},
                                                      {"a=b; SERVERID=n1-30s2; c=d", "a=b; c=d"},
                                                      {"XSERVERID=x; SERVERIDX=y", "XSERVERID=x; SERVERIDX=y"}};
  for (const auto& [sent, seen] : rows) {
    const auto body = httpGet(proxy_.port(), "/", "Cookie: " + sent + "\r\n").body;
    const auto cookie = body.find("\r\ncookie: ");
    EXPECT_EQ(cookie == body.npos ? "" : body.substr(cookie + 10, body.find("\r\n", cookie + 2) - cookie - 10), seen)
        << sent;
  }
}

TEST_F(HaproxyDriver, ATcpLoadBalancerKeepsASourceOnItsNode) {
  apply(aDevice(1, {aBalancer("15", proxy_.port(), {a(), b()}, Protocol::Tcp)}));
  EXPECT_EQ(answering(6).size(), 1u);
}

TEST_F(HaproxyDriver, GaleraUsesThePrimaryAndFailsBackToIt) {
  auto state = aDevice(1, {aBalancer("15", proxy_.port(), {a(), backup(b()), backup(c())}, Protocol::Galera)});
  apply(state);
  EXPECT_EQ(answering(4), (Names{"a"}));
  state.generation = 2;
  state.load_balancers[0].nodes[0].enabled = false;
  apply(state);
  EXPECT_EQ(answering(4).size(), 1u);
  EXPECT_FALSE(answering(4).count("a"));
  state.generation = 3;
  state.load_balancers[0].nodes[0].enabled = true;
  apply(state);
  EXPECT_EQ(answering(4), (Names{"a"}));
  state.generation = 4;
  state.load_balancers[0].nodes = {backup(a()), b(), backup(c())};
  apply(state);
  EXPECT_EQ(answering(4), (Names{"b"}));
}

TEST_F(HaproxyDriver, AMonitorTakesAFailingNodeOutAndReportsIt) {
  auto balancer = aBalancer("15", proxy_.port(), {a(), aNode("502", static_cast<std::uint16_t>(freePort()))});
  balancer.monitor = {MonitorType::Http, std::chrono::seconds(1), std::chrono::seconds(1), 1, "/he;a'l$t#h?x=%20"};
  apply(aDevice(1, {balancer}));
  using protocol::NodeHealth;
  const auto healthOf = [&](const char* node) { return driver_->health()->at(node); };
  EXPECT_TRUE(waitFor([&] { return healthOf("502").health == NodeHealth::Down; }));
  EXPECT_EQ(healthOf("502").found, "Layer4 connection problem");
  EXPECT_EQ(healthOf("501").health, NodeHealth::Up);
  EXPECT_EQ(driver_->live()->load_balancers.front().monitor, balancer.monitor);
  balancer.monitor.path = "/missing";
  apply(aDevice(2, {balancer}));
  EXPECT_TRUE(waitFor([&] { return healthOf("501").health == NodeHealth::Down; }));
  EXPECT_EQ(healthOf("501").found, "Layer7 wrong status: 404");
}

TEST_F(HaproxyDriver, NodesItCannotCheckItselfAreUpOrDownAsItIsTold) {
  using protocol::NodeHealth;
  auto state = aDevice(1, {aBalancer("15", proxy_.port(), {a(), b()})});
  apply(state);
  auto& monitor = state.load_balancers[0].monitor;
  monitor = {MonitorType::Https, std::chrono::seconds(9), std::chrono::seconds(2), 3, "/up"};
  monitor.host = "www.a.example:8443";
  monitor.status_regex = "^2|3 4;#\"'\\\\%[src]$";
  monitor.body_regex = "^ok \n|\xff{1,3}";
  state.generation = 2;
  EXPECT_FALSE(driver_->checksItself(monitor));
  EXPECT_EQ(apply(state).mechanism, Mechanism::SidecarCheck);
  EXPECT_EQ(driver_->live()->load_balancers[0].monitor, monitor);
  EXPECT_EQ(answering(6), (Names{"a", "b"}));

  ASSERT_TRUE(driver_->setHealth({{"501", NodeHealth::Down}, {"502", NodeHealth::Up}}));
  EXPECT_EQ(answering(6), (Names{"b"}));
  EXPECT_EQ(driver_->health()->at("501").health, NodeHealth::Down);
  EXPECT_EQ(apply(state).mechanism, Mechanism::None) << "health is no part of the configuration";
  ASSERT_TRUE(driver_->setHealth({{"501", NodeHealth::Up}, {"502", NodeHealth::Up}}));
  EXPECT_EQ(answering(6), (Names{"a", "b"}));
}

TEST_F(HaproxyDriver, SuspendedItTakesNoConnections) {
  auto state = aDevice(1, {aBalancer("15", proxy_.port(), {a()})});
  apply(state);
  state.suspended = true;
  apply(state);
  EXPECT_EQ(httpGet(proxy_.port()).status, 0);
  EXPECT_TRUE(driver_->live()->suspended);
  state.suspended = false;
  apply(state);
  EXPECT_EQ(httpGet(proxy_.port()).status, 200);
}

TEST_F(HaproxyDriver, AnAddressIsPartOfWhatALoadBalancerListensOn) {
  auto one = aBalancer("15", proxy_.port(), {a()}), two = aBalancer("16", proxy_.port(), {b()});
  one.addresses = {*NetAddress::parse("127.0.0.2"), *NetAddress::parse("::1")};
  two.addresses = {*NetAddress::parse("127.0.0.3")};
  apply(aDevice(1, {one, two}));
  EXPECT_EQ(httpGet(proxy_.port(), "/", "", "127.0.0.2").firstLine(), "a");
  EXPECT_EQ(httpGet(proxy_.port(), "/", "", "127.0.0.3").firstLine(), "b");
  EXPECT_EQ(httpGet(proxy_.port()).status, 0);
}

TEST_F(HaproxyDriver, RepairsWhatAHumanChangedOnTheStatsSocket) {
  const auto state = aDevice(7, {aBalancer("15", proxy_.port(), {a(), b()})});
  apply(state);
  const auto before = *driver_->live();
  auto socket = haproxy::RuntimeSocket::open(proxy_.config().stats_socket, clock_);
  ASSERT_TRUE(socket);
  const auto key = "*:" + std::to_string(proxy_.port());
  for (const auto& line : std::vector<std::string>{
           "set server s1_http_rr_connect/n501-30s2 state drain", "set server s1_http_rr_connect/n502-30s2 weight 7",
           "add map vip.map " + key + " s9", "add map vip.map nonsense s1", "add map lb.map s3 nonsense",
           "set map device.map generation 6", "add map device.map suspended 1",
           "add server s1_http_rr_connect/stranger 127.0.0.1:1", "add server s2_tcp_lc_http/n9-30s2 127.0.0.1:1"}) {
    ASSERT_TRUE(socket->run({line}));
    const auto applied = apply(state);
    EXPECT_EQ(*driver_->live(), before) << line;
    EXPECT_FALSE(applied.changed.empty()) << line;
    EXPECT_EQ(answering(6), (Names{"a", "b"})) << line;
  }
}

TEST_F(HaproxyDriver, SaysSoWhenTheProxyDoesOtherThanItWasTold) {
  auto config = proxy_.config();
  config.stats_socket += ".altered";
  config.master_socket.clear();  // other settings than HAProxy's are on purpose
  const AlteringRelay relay(config.stats_socket, proxy_.config().stats_socket, "weight 7", "weight 8");
  const auto driver = *makeDriver("haproxy", config, clock_);
  auto balancer = aBalancer("15", proxy_.port(), {a()});
  ASSERT_TRUE(driver->apply(aDevice(1, {balancer})));
  balancer.nodes[0].weight = 7;
  const auto applied = driver->apply(aDevice(2, {balancer}));
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, ErrorCode::Conflict);
}

TEST_F(HaproxyDriver, ExplainsWhatItsNamesStandFor) {
  apply(aDevice(7, {aBalancer("15", proxy_.port(), {a(), draining(b()), backup(c())})}));
  apply(aDevice(8, {aBalancer("15", proxy_.port(), {a(), draining(b())})}));
  const auto text = *driver_->explain();
  for (const auto& part :
       {std::string("generation 8"), "slot s1: load balancer 15, HTTP, on *:" + std::to_string(proxy_.port()),
        std::string("backend s1_http_rr_connect"), std::string("n501-30s2            node 501"),
        "127.0.0.1:" + std::to_string(first_.port()) + "        up", std::string("drains"),
        std::string("leaves, since")})
    EXPECT_NE(text.find(part), text.npos) << part << " in\n" << text;
}

TEST_F(HaproxyDriver, ItsStatsSocketIsForItsGroupToo) {
  EXPECT_EQ(std::filesystem::status(proxy_.config().stats_socket).permissions() & std::filesystem::perms::all,
            std::filesystem::perms(0660));
}

TEST_F(HaproxyDriver, AnOlderStateChangesNothing) {
  const auto state = aDevice(7, {aBalancer("15", proxy_.port(), {a()})});
  apply(state);
  const auto applied = apply(aDevice(6, {}));
  EXPECT_EQ(applied.generation, 7u);
  EXPECT_EQ(applied.mechanism, Mechanism::None);
  EXPECT_EQ(driver_->live()->load_balancers.size(), 1u);
  EXPECT_EQ(apply(aDevice(0, {})).generation, 0u) << "an ancestor's state counts as newest";
  EXPECT_TRUE(driver_->live()->load_balancers.empty());
}

TEST_F(HaproxyDriver, AnImpossibleStateLeavesThingsAsTheyWere) {
  const auto state = aDevice(7, {aBalancer("15", proxy_.port(), {a()})});
  apply(state);
  const auto before = *driver_->live();
  auto wrong = state;
  wrong.generation = 8;
  wrong.load_balancers.push_back(aBalancer("1;6", proxy_.port(1), {b()}));
  EXPECT_EQ(driver_->apply(wrong).error().code, ErrorCode::Invalid);
  EXPECT_FALSE(driver_->writeColdStart(wrong));
  EXPECT_EQ(*driver_->live(), before);
}

TEST_F(HaproxyDriver, ALegacyLoadBalancerIsNamedByItsProtocol) {
  apply(aDevice(0, {aBalancer("", proxy_.port(), {a()})}));
  EXPECT_EQ(driver_->live()->load_balancers.front().id, "http");
  EXPECT_EQ(answering(2), (Names{"a"}));
}

TEST_F(HaproxyDriver, AnswersOnItsManagementAddress) {
  const auto& management = proxy_.config().management;
  EXPECT_EQ(httpGet(static_cast<std::uint16_t>(std::stoi(management.substr(management.find(':') + 1)))).status, 200);
}

TEST_F(HaproxyDriver, NoticesAProxyThatStoppedAnswering) {
  proxy_.stopAnswering();
  const auto started = clock_.monotonic();
  const auto live = driver_->live();
  ASSERT_FALSE(live);
  EXPECT_EQ(live.error().code, ErrorCode::Unavailable);
  EXPECT_LT(clock_.monotonic() - started, std::chrono::seconds(10));
}

TEST_F(HaproxyDriver, ReusesConnectionsToTheNodes) {
  apply(aDevice(1, {aBalancer("15", proxy_.port(), {a()})}));
  const int before = first_.connections();
  KeptConnection kept(proxy_.port());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(kept.get().status, 200);
  EXPECT_LE(first_.connections() - before, 2) << "one more may be the health check's";
}

TEST_F(HaproxyDriver, DeletesARetiredServerWhenItsQuarantineIsOver) {
  auto balancer = aBalancer("15", proxy_.port(), {a(), b()});
  balancer.options = {std::chrono::seconds(5), std::chrono::seconds(5), std::chrono::seconds(1), 0};
  apply(aDevice(1, {balancer}));
  balancer.nodes.pop_back();
  apply(aDevice(2, {balancer}));
  auto servers = [&] {
    const auto stat = ask("show stat -1 4 -1");
    int found = 0;
    for (auto at = stat.find("_connect,n50"); at != stat.npos; at = stat.find("_connect,n50", at + 1)) ++found;
    return found;
  };
  (void)driver_->tick();
  EXPECT_EQ(servers(), 2) << "not at once";
  EXPECT_TRUE(waitFor([&] { return (void)driver_->tick(), servers() == 1; }, std::chrono::seconds(15)));
}

}  // namespace
}  // namespace libra::sidecar
