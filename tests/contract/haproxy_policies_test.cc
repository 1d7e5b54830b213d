// What a tenant may ask of a load balancer besides its nodes, changed in a running HAProxy:
// who may come, how often, what is told to nodes and clients. Each as clients meet it.

#include <arpa/inet.h>
#include <sys/socket.h>

#include <thread>

#include "sidecar/driver.h"
#include "tests/contract/driver_contract.h"
#include "tests/contract/haproxy_world.h"
#include "tests/support/raw_client.h"

namespace libra::sidecar {
namespace {

using namespace libra::test;
using protocol::AccessRule;
using protocol::LoadBalancerState;
using protocol::ThrottleState;

AccessRule rule(const char* network, int prefix, bool allow) { return {*NetAddress::parse(network), prefix, allow}; }

class HaproxyPolicies : public HaproxyWorld {
 protected:
  // Applies the load balancer as it is now; the proxy must say it runs that, and how it came to it.
  void becomes(Mechanism mechanism) {
    const auto wanted = aDevice(++generation_, {balancer_});
    EXPECT_EQ(apply(wanted).mechanism, mechanism);
    EXPECT_EQ(comparable(*driver_->live()), comparable(wanted));
    EXPECT_EQ(proxy_.pid(), pid_);
  }

  int status(const char* address = "127.0.0.1") { return httpGet(proxy_.port(), "/", "", address).status; }

  LoadBalancerState balancer_ = aBalancer("15", proxy_.port(), {a()});
  std::uint64_t generation_ = 0;
  const pid_t pid_ = proxy_.pid();
};

TEST_F(HaproxyPolicies, AnAccessListDeniesAndWhatItAllowsIsAllowedAgainstAnyOtherRule) {
  becomes(Mechanism::Runtime);
  KeptConnection kept(proxy_.port());
  EXPECT_EQ(kept.get().status, 200);
  struct Row {
    std::vector<AccessRule> rules;
    int v4, v6;
  };
  const Row rows[] = {
      {{rule("10.0.0.0", 8, false)}, 200, 200},
      {{rule("127.0.0.0", 9, false)}, 0, 200},
      {{rule("127.0.0.0", 10, false), rule("127.0.0.1", 32, true)}, 200, 200},
      {{rule("127.0.0.1", 32, false), rule("127.0.0.0", 11, true)}, 200, 200},
      {{rule("127.0.0.1", 32, false), rule("127.0.0.0", 30, false), rule("126.0.0.0", 8, true)}, 0, 200},
      {{rule("0.0.0.0", 0, false), rule("::", 0, false)}, 0, 0},
      {{rule("::", 126, false), rule("0.0.0.0", 0, false), rule("126.0.0.0", 7, true)}, 200, 0},
      {{}, 200, 200},
  };
  for (const auto& row : rows) {
    balancer_.access_list = row.rules;
    becomes(Mechanism::Runtime);
    EXPECT_EQ(status(), row.v4);
    EXPECT_EQ(status("::1"), row.v6);
  }
  balancer_.access_list = {rule("127.0.0.1", 32, false)};
  becomes(Mechanism::Runtime);
  EXPECT_NE(kept.get().status, 200) << "a kept connection is no way around it";
}

TEST_F(HaproxyPolicies, AnEntryOfAnAccessListThatSomebodyRemovedComesBack) {
  balancer_.access_list = {rule("127.0.0.0", 8, false)};
  becomes(Mechanism::Runtime);
  EXPECT_EQ(ask("del map access.map 15.1.4.7F"), "");
  EXPECT_EQ(status(), 200);
  becomes(Mechanism::Runtime);
  EXPECT_EQ(status(), 0);
  for (int i = 0; i < 2; ++i) (void)driver_->tick();
  EXPECT_EQ(ask("show map access.map").find(" 15.1."), std::string::npos) << "what nobody names is removed";
  EXPECT_EQ(status(), 0);
}

TEST_F(HaproxyPolicies, AThrottleBoundsTheConnectionsOfEachClient) {
  balancer_.throttle = ThrottleState{2, 0, 0, std::chrono::seconds(1)};
  becomes(Mechanism::Runtime);
  KeptConnection one(proxy_.port()), two(proxy_.port());
  EXPECT_EQ(one.get().status, 200);
  EXPECT_EQ(two.get().status, 200);
  EXPECT_EQ(status(), 0);
  EXPECT_EQ(status("::1"), 200) << "another client";
  balancer_.throttle->free_connections = 5;
  becomes(Mechanism::Runtime);
  EXPECT_EQ(status(), 200);
  balancer_.throttle.reset();
  becomes(Mechanism::Runtime);
  EXPECT_EQ(status(), 200);
  EXPECT_EQ(one.get().status, 200);
}

TEST_F(HaproxyPolicies, AThrottleBoundsHowOftenAClientConnects) {
  balancer_.throttle = ThrottleState{0, 0, 3, std::chrono::seconds(3600)};
  becomes(Mechanism::Runtime);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status(), 200);
  EXPECT_EQ(status(), 0);
  balancer_.throttle->most_new = 0;
  becomes(Mechanism::Runtime);
  EXPECT_EQ(status(), 200);
}

TEST_F(HaproxyPolicies, AnErrorPageIsSentAsItIsWhenNoNodeAnswers) {
  balancer_.nodes.clear();
  becomes(Mechanism::Runtime);
  KeptConnection kept(proxy_.port());
  EXPECT_NE(kept.get().body.find("Service Unavailable"), std::string::npos);
  const std::string page = "<h1>Sörry</h1>\n\n\t100% \"of\" 'us' #1; %[src] \\n {x} | $HOME";
  balancer_.error_page = page;
  becomes(Mechanism::Runtime);
  const auto answer = kept.get();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body.substr(0, page.size()), page);
  EXPECT_EQ(answer.body.find_first_not_of('\n', page.size()), std::string::npos) << answer.body;
  balancer_.error_page = std::string(9'000, 'x') + "\n" + std::string(5'000, 'y');
  EXPECT_FALSE(driver_->apply(aDevice(9, {balancer_}))) << "one byte too long";
  balancer_.error_page->pop_back();
  becomes(Mechanism::Runtime);
  EXPECT_EQ(kept.get().body.substr(0, balancer_.error_page->size()), *balancer_.error_page);
  balancer_.error_page.reset();
  becomes(Mechanism::Runtime);
  EXPECT_NE(kept.get().body.find("Service Unavailable"), std::string::npos);
}

TEST_F(HaproxyPolicies, ASuspendedLoadBalancerRefusesItsNeighbourDoesNot) {
  const auto neighbour = aBalancer("16", proxy_.port(1), {b()});
  apply(aDevice(1, {balancer_, neighbour}));
  KeptConnection kept(proxy_.port()), beside(proxy_.port(1));
  EXPECT_EQ(kept.get().status, 200);
  balancer_.suspended = true;
  EXPECT_EQ(apply(aDevice(2, {balancer_, neighbour})).mechanism, Mechanism::Runtime);
  EXPECT_EQ(status(), 0);
  EXPECT_NE(kept.get().status, 200);
  EXPECT_EQ(beside.get().status, 200);
  balancer_.suspended = false;
  EXPECT_EQ(apply(aDevice(3, {balancer_, neighbour})).mechanism, Mechanism::Runtime);
  EXPECT_EQ(status(), 200);
}

TEST_F(HaproxyPolicies, ANodeIsToldOfItsClientAsFarAsIsWanted) {
  becomes(Mechanism::Runtime);
  KeptConnection kept(proxy_.port());
  const std::pair<std::string, bool protocol::ForwardedState::*> rows[] = {
      {"x-forwarded-for: 127.0.0.1", &protocol::ForwardedState::client},
      {"x-forwarded-proto: http", &protocol::ForwardedState::protocol},
      {"x-forwarded-port: " + std::to_string(proxy_.port()), &protocol::ForwardedState::port}};
  for (const auto& [header, field] : rows) {
    EXPECT_NE(kept.get().body.find(header), std::string::npos) << header;
    balancer_.forwarded.*field = false;
    becomes(Mechanism::Runtime);
    EXPECT_EQ(kept.get().body.find(header), std::string::npos) << header;
  }
}

// Who is without persistence is served by a plain backend, which adds the headers itself.
TEST_F(HaproxyPolicies, APlainBackendTellsTheSameAndOnce) {
  balancer_.persistence = Persistence::None;
  becomes(Mechanism::Runtime);
  ASSERT_NE(ask("show servers state").find(" s1_plain "), std::string::npos);
  KeptConnection kept(proxy_.port());
  const std::vector<std::string> ours = {"x-forwarded-for: 127.0.0.1\r\n", "x-forwarded-proto: http\r\n",
                                         "x-forwarded-port: " + std::to_string(proxy_.port()) + "\r\n"};
  const auto expectOnce = [&](const std::string& body) {
    for (const auto& header : ours) {
      const auto at = body.find(header);
      EXPECT_NE(at, body.npos) << header << body;
      EXPECT_EQ(body.find(header, at + 1), body.npos) << header << body;
    }
  };
  for (const auto persistence : {Persistence::None, Persistence::HttpCookie, Persistence::None}) {
    balancer_.persistence = persistence;
    for (const bool listed : {false, true, false}) {  // a rule that makes the requests ask
      balancer_.access_list.clear();
      if (listed) balancer_.access_list = {rule("10.0.0.0", 8, false)};
      apply(aDevice(++generation_, {balancer_}));
      expectOnce(kept.get().body);
      expectOnce(kept.get().body);
      const auto own = httpGet(proxy_.port(), "/", "X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: gopher\r\n").body;
      expectOnce(own);
      EXPECT_NE(own.find("x-forwarded-for: 9.9.9.9\r\n"), own.npos) << own;
      EXPECT_EQ(own.find("gopher"), own.npos) << own;
    }
  }
}

TEST_F(HaproxyPolicies, APlainOneFollowsWhatIsAskedOfItOnAKeptConnection) {
  balancer_.persistence = Persistence::None;
  becomes(Mechanism::Runtime);
  const auto logs = [&](const std::string& text) { return proxy_.log().find(text) != std::string::npos; };
  KeptConnection kept(proxy_.port());
  EXPECT_EQ(kept.get("/unseen").status, 200);
  balancer_.connection_logging = true;
  becomes(Mechanism::Runtime);
  EXPECT_EQ(kept.get("/seen").status, 200);
  EXPECT_TRUE(waitFor([&] { return logs("status=200 request=\"GET /seen\""); })) << proxy_.log();
  EXPECT_FALSE(logs("unseen"));
  balancer_.connection_logging = false;
  balancer_.access_list = {rule("127.0.0.1", 32, false)};
  becomes(Mechanism::Runtime);
  EXPECT_NE(kept.get().status, 200);
  balancer_.access_list.clear();
  balancer_.forwarded.client = false;
  becomes(Mechanism::Runtime);
  EXPECT_EQ(httpGet(proxy_.port()).body.find("x-forwarded-for"), std::string::npos);
}

TEST_F(HaproxyPolicies, TheProxyProtocolComesByANewGenerationOfServers) {
  becomes(Mechanism::Runtime);
  balancer_.proxy_protocol = true;
  becomes(Mechanism::Generation);
  EXPECT_NE(httpGet(proxy_.port()).body.find("PROXY TCP4 127.0.0.1 127.0.0.1 "), std::string::npos);
  balancer_.proxy_protocol = false;
  becomes(Mechanism::Runtime);  // the server of before is still there
  EXPECT_EQ(httpGet(proxy_.port()).body.find("PROXY"), std::string::npos);
}

TEST_F(HaproxyPolicies, ConnectionsAreLoggedOfThoseWhoWantIt) {
  const auto logs = [&](const std::string& text) { return proxy_.log().find(text) != std::string::npos; };
  becomes(Mechanism::Runtime);
  KeptConnection kept(proxy_.port());
  EXPECT_EQ(kept.get("/unseen").status, 200);
  balancer_.connection_logging = true;
  becomes(Mechanism::Runtime);
  EXPECT_EQ(kept.get("/seen?token=1\"%0a").status, 200);
  EXPECT_TRUE(waitFor([&] { return logs("lb=15 client=127.0.0.1:") && logs("status=200 request=\"GET /seen\""); }));
  balancer_.protocol = Protocol::Tcp;
  becomes(Mechanism::Class);
  EXPECT_EQ(status(), 200);
  EXPECT_TRUE(waitFor([&] { return logs("request=\"\""); })) << proxy_.log();
  EXPECT_FALSE(logs("unseen"));
}

TEST_F(HaproxyPolicies, AThousandNodesComeAndGoWithoutAClientNoticing) {
  becomes(Mechanism::Runtime);
  std::atomic<bool> done = false;
  std::atomic<int> failed = 0, answered = 0;
  std::thread client([&] {
    KeptConnection kept(proxy_.port());
    while (!done) ++(kept.get().status == 200 ? answered : failed);
  });
  for (int id = 1'000; id < 2'000; ++id) balancer_.nodes.push_back(disabled(aNode(std::to_string(id), 9)));
  becomes(Mechanism::Runtime);
  balancer_.nodes.resize(1);
  becomes(Mechanism::Runtime);
  done = true;
  client.join();
  EXPECT_EQ(failed, 0);
  EXPECT_GT(answered, 0);
}

}  // namespace
}  // namespace libra::sidecar
