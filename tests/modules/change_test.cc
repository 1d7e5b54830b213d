#include "lib/http/client.h"
#include "tests/modules/lb_world.h"

// Every change a state can make, on a running nginx.

namespace libra::test {
namespace {

using Shares = std::map<std::string, int>;

class Change : public LbWorld {};

TEST_F(Change, PeersComeAndGo) {
  ASSERT_EQ(web(peer("a")).status, 200);
  EXPECT_EQ(shares(6), (Shares{{"a", 6}}));
  ASSERT_EQ(web(peer("a") + "," + peer("b")).status, 200);
  EXPECT_EQ(shares(6), (Shares{{"a", 3}, {"b", 3}}));
  ASSERT_EQ(web(peer("b") + "," + peer("c")).status, 200);
  EXPECT_EQ(shares(6), (Shares{{"b", 3}, {"c", 3}}));
}

TEST_F(Change, WeightsHoldOverAllWorkers) {
  ASSERT_EQ(web(peer("a", R"("weight":3)") + "," + peer("b")).status, 200);
  EXPECT_EQ(shares(40), (Shares{{"a", 30}, {"b", 10}}));
}

TEST_F(Change, ADrainingPeerGetsNoNewRequests) {
  ASSERT_EQ(web(peer("a") + "," + peer("b", R"("drain":true)")).status, 200);
  EXPECT_EQ(shares(6), (Shares{{"a", 6}}));
}

TEST_F(Change, BackupsServeWhenHealthChecksFailedAllOthers) {
  ASSERT_EQ(web(peer("a") + "," + peer("b", R"("backup":true)")).status, 200);
  EXPECT_EQ(shares(4), (Shares{{"a", 4}}));
  const auto push = [&](const std::string& up) {
    return nginx_
        .ask("control.sock", "PUT", "/health", R"({"health":[{"loadBalancer":"web","peer":"a","up":)" + up + "}]}")
        .status;
  };
  EXPECT_EQ(push("false"), 200);
  EXPECT_EQ(shares(4), (Shares{{"b", 4}}));
  EXPECT_EQ(push("true"), 200);
  EXPECT_EQ(shares(4), (Shares{{"a", 4}}));
}

TEST_F(Change, APeerThatRefusesIsSkippedWithinTheRequest) {
  const auto dead = R"({"id":"dead","address":"127.0.0.1:)" + std::to_string(freePort()) + "\"}";
  ASSERT_EQ(web(dead + "," + peer("a")).status, 200);
  EXPECT_EQ(shares(10), (Shares{{"a", 10}}));
  EXPECT_EQ(lbStatus("web")["peers"][0]["failed"].integer(), 1);
  EXPECT_TRUE(lbStatus("web")["peers"][0]["suspect"].boolean());
}

TEST_F(Change, WithoutAnyPeerTheAnswerIs502) {
  ASSERT_EQ(web("").status, 200);
  EXPECT_EQ(shares(2), (Shares{{"502", 2}}));
}

TEST_F(Change, SourcePersistenceKeepsAClientOnItsPeer) {
  ASSERT_EQ(web(peer("a") + "," + peer("b") + "," + peer("c"), R"("persistence":"SOURCE")").status, 200);
  EXPECT_EQ(shares(12).size(), 1U);
}

TEST_F(Change, ACookieKeepsAClientOnItsPeerEvenWhileItDrains) {
  const std::string sticky = R"("persistence":"COOKIE")";
  ASSERT_EQ(web(peer("a") + "," + peer("b"), sticky).status, 200);
  const auto first = httpGet(static_cast<std::uint16_t>(port()));
  const auto at = first.head.find("SERVERID=");
  ASSERT_NE(at, std::string::npos) << first.head;
  const auto cookie = "Cookie: x=1; " + first.head.substr(at, 25) + "\r\n";
  EXPECT_EQ(shares(6, cookie), (Shares{{first.firstLine(), 6}}));

  const auto draining = [&](const std::string& name) {
    return peer(name, first.firstLine() == name ? R"("drain":true)" : "");
  };
  ASSERT_EQ(web(draining("a") + "," + draining("b"), sticky).status, 200);
  EXPECT_EQ(shares(4, cookie), (Shares{{first.firstLine(), 4}}));
  EXPECT_EQ(shares(4).count(first.firstLine()), 0U);
  EXPECT_EQ(shares(4, "Cookie: SERVERID=zzzzzzzzzzzzzzzz\r\n").count(first.firstLine()), 0U);
}

TEST_F(Change, ThrottleLimitsTheConnectionsOfAClient) {
  ASSERT_EQ(web(peer("a"), R"("throttle":{"maxConnections":2})").status, 200);
  const auto port = static_cast<std::uint16_t>(this->port());
  {
    KeptConnection one(port), two(port);
    EXPECT_EQ(one.get().status, 200);
    EXPECT_EQ(two.get().status, 200);
    EXPECT_EQ(httpGet(port).status, 0);
  }
  ASSERT_TRUE(waitFor([&] { return isQuiet(); }));
  EXPECT_EQ(httpGet(port).status, 200);
  EXPECT_EQ(lbStatus("web")["throttled"].integer(), 1);
}

TEST_F(Change, AnAccessListClosesTheDoorAndAnAllowOpensIt) {
  const std::string deny = R"({"address":"0.0.0.0/0","type":"DENY"})";
  ASSERT_EQ(web(peer("a"), R"("accessList":[)" + deny + "]").status, 200);
  EXPECT_EQ(shares(3), (Shares{{"0", 3}}));
  EXPECT_EQ(lbStatus("web")["denied"].integer(), 3);
  ASSERT_EQ(web(peer("a"), R"("accessList":[)" + deny + R"(,{"address":"127.0.0.0/8","type":"ALLOW"}])").status, 200);
  EXPECT_EQ(shares(3), (Shares{{"a", 3}}));
}

TEST_F(Change, AListenerAppearsAndDisappears) {
  ASSERT_EQ(web(peer("a")).status, 200);
  EXPECT_FALSE(acceptsTcp(other_port_));
  ASSERT_EQ(put(state(lb("web", port_, peer("a")) + "," + lb("tcp", other_port_, peer("b"), "", "tcp"))).status, 200);
  EXPECT_EQ(httpGet(static_cast<std::uint16_t>(other_port_)).firstLine(), "b");
  EXPECT_EQ(shares(1), (Shares{{"a", 1}}));
  ASSERT_EQ(put(state(lb("web", port_, peer("a")))).status, 200);
  EXPECT_FALSE(acceptsTcp(other_port_));
  EXPECT_EQ(shares(1), (Shares{{"a", 1}}));
}

TEST_F(Change, AListenerMayBeIpv6ForBothProtocols) {
  for (const auto* server : {"http", "tcp"}) {
    const auto address = "[::1]:" + std::to_string(port_);
    ASSERT_EQ(put(state(R"({"id":"web","server":")" + std::string(server) + R"(","listen":[{"address":")" + address +
                        R"("}],"peers":[)" + peer("a") + "]}"))
                  .status,
              200);
    const auto answer = http::Client({.base_url = "http://" + address}).get("/");
    ASSERT_TRUE(answer) << server;
    EXPECT_EQ(answer->body.substr(0, 2), "a\n") << server;
  }
}

TEST_F(Change, AnAddressMayGoToAnotherServerBlock) {
  ASSERT_EQ(web(peer("a")).status, 200);
  ASSERT_EQ(put(state(lb("web", port_, peer("a"), "", "tcp"))).status, 200);
  EXPECT_EQ(shares(4), (Shares{{"a", 4}}));
  EXPECT_EQ(lbStatus("web")["requests"].integer(), 0);  // tcp has none
}

TEST_F(Change, AStaticServerMayNameItsLb) {
  ASSERT_EQ(put(state(R"({"id":"x","peers":[)" + peer("c") + "]}")).status, 200);
  EXPECT_EQ(nginx_.ask("fixed.sock", "GET", "/?lb=x").body.substr(0, 2), "c\n");
  EXPECT_EQ(nginx_.ask("fixed.sock", "GET", "/?lb=y").status, 502);
}

TEST_F(Change, ConnectionsToPeersAreKeptAcrossChanges) {
  ASSERT_EQ(web(peer("a")).status, 200);
  KeptConnection client(static_cast<std::uint16_t>(port()));  // one worker
  EXPECT_EQ(client.get().status, 200);
  const int before = a_.connections();
  for (int weight = 2; weight < 12; ++weight) {
    ASSERT_EQ(web(peer("a", R"("weight":)" + std::to_string(weight))).status, 200);
    EXPECT_EQ(client.get().firstLine(), "a");
  }
  EXPECT_EQ(a_.connections(), before);
}

TEST_F(Change, CountersAddUp) {
  ASSERT_EQ(web(peer("a") + "," + peer("b")).status, 200);
  shares(20);
  ASSERT_TRUE(waitFor([&] { return isQuiet(); }));
  const auto lb = lbStatus("web");
  EXPECT_EQ(lb["connections"].integer(), 20);
  EXPECT_EQ(lb["requests"].integer(), 20);
  EXPECT_GT(lb["received"].integer(), 400);
  EXPECT_GT(lb["sent"].integer(), 400);
  EXPECT_EQ(lb["peers"][0]["total"].integer() + lb["peers"][1]["total"].integer(), 20);
}

TEST_F(Change, UnderTrafficLosesNothing) {
  ASSERT_EQ(web(peer("a")).status, 200);
  Traffic traffic(port());
  for (int i = 0; i < 50; ++i) {
    const auto peers = i % 2 ? peer("a") + "," + peer("b", R"("weight":7)") : peer("b") + "," + peer("c");
    ASSERT_EQ(put(state(lb("web", port_, peers) + (i % 3 ? "" : "," + lb("more", other_port_, peer("a"))))).status,
              200);
  }
  ASSERT_EQ(web(peer("a")).status, 200);
  traffic.flow();
  traffic.stop();
  EXPECT_EQ(traffic.failed(), 0);
  EXPECT_EQ(shares(4), (Shares{{"a", 4}}));
}

}  // namespace
}  // namespace libra::test
