// A tenant's load balancer from its creation to its end, seen by its clients.

#include "tests/support/traffic.h"
#include "tests/system/libra_test.h"
#include "tests/traffic/http_probe.h"

namespace libra::test {
namespace {

using Serving = LibraTest;

std::string checking(const std::string& path) {
  return R"({"type":"HTTP","delay":1,"timeout":1,"attemptsBeforeDeactivation":1,"path":")" + path + R"("})";
}

TEST_F(Serving, EveryChangeReachesItsClientsAndCostsThemNothing) {
  const auto lb = serving("web"), vip = lab().vipOf(lb);
  EXPECT_TRUE(lab().isServedBy(vip, "node1 node2"));
  Traffic traffic(lab(), vip);

  change(lb, "POST", "/nodes", R"({"nodes":[)" + lab().nodeJson(3) + "]}");
  EXPECT_TRUE(lab().isServedBy(vip, "node1 node2 node3"));

  const auto first = "/nodes/" + lab().nodeId(lb, 1);
  change(lb, "PUT", first, R"({"condition":"DISABLED"})");
  EXPECT_TRUE(lab().isServedBy(vip, "node2 node3"));
  change(lb, "PUT", first, R"({"condition":"ENABLED","weight":8})");
  EXPECT_TRUE(lab().isServedBy(vip, "node1 node2 node3"));
  const auto answers = lab().answersOf(vip, 100);  // 80, 10 and 10; the other client asks in between
  EXPECT_GT(answers.at("node1"), 2 * (answers.at("node2") + answers.at("node3")));

  change(lb, "PUT", first, R"({"weight":1})");
  change(lb, "PUT", "", R"({"algorithm":"LEAST_CONNECTIONS"})");
  EXPECT_TRUE(lab().isServedBy(vip, "node1 node2 node3", "--least-connections"));

  change(lb, "DELETE", first);
  EXPECT_TRUE(lab().isServedBy(vip, "node2 node3"));
  change(lb, "PUT", "", R"({"name":"renamed","options":{"timeout":20000,"retries":5}})");
  EXPECT_THAT(traffic.stop(), ::testing::IsEmpty());
}

TEST_F(Serving, TheMonitorsPathDecidesWhoIsWell) {
  const auto lb = serving("monitored", 3), vip = lab().vipOf(lb);
  Traffic traffic(lab(), vip);
  change(lb, "PUT", "/healthmonitor", checking("/broken/node3"));
  EXPECT_TRUE(lab().isServedBy(vip, "node1 node2"));
  EXPECT_TRUE(lab().becomes(lb, "DEGRADED"));
  change(lb, "PUT", "/healthmonitor", checking("/"));
  EXPECT_TRUE(lab().isServedBy(vip, "node1 node2 node3"));
  EXPECT_TRUE(lab().becomes(lb, "ACTIVE"));
  EXPECT_THAT(traffic.stop(), ::testing::IsEmpty());
}

// Three nodes: of two, a request caught on its way while the check declares the node dead
// finds one left, and HAProxy then waits a second before it tries again (docs/looking-at-a-device.md).
TEST_F(Serving, ADeadNodeIsToldOfAndLeftOutUntilItIsBack) {
  const auto lb = serving("node-dies", 3), vip = lab().vipOf(lb);
  change(lb, "PUT", "/healthmonitor", checking("/"));
  const auto second = "/loadbalancers/" + lb + "/nodes/" + lab().nodeId(lb, 2);
  Traffic traffic(lab(), vip);
  traffic.waitForMore(20);
  lab().kill("node2");
  EXPECT_TRUE(lab().isServedBy(vip, "node1 node3"));
  EXPECT_TRUE(lab().becomes(lb, "DEGRADED"));
  EXPECT_EQ(lab().get(second)["status"].text(), "ERROR");
  EXPECT_NE(lab().get("/loadbalancers/" + lb)["statusDescription"].text(), "");

  lab().up();
  EXPECT_TRUE(lab().isServedBy(vip, "node1 node2 node3"));
  EXPECT_TRUE(lab().becomes(lb, "ACTIVE"));
  EXPECT_EQ(lab().get(second)["status"].text(), "ONLINE");
  const auto failures = traffic.stop();
  EXPECT_LE(failures.size(), 1U) << "more than what was under way on the node: " << ::testing::PrintToString(failures);
}

// Each client's next requests go to the node of its cookie, here to one that died and is
// checked every half minute only.
TEST_F(Serving, AClientOfARefusingNodeIsServedByAnotherAtOnce) {
  const auto lb = serving("refused"), vip = lab().vipOf(lb);
  lab().inside("client", [&] {
    const traffic::HttpProbe probe(*NetAddress::parse(vip), 80);
    traffic::Answer first;
    ASSERT_TRUE(waitFor([&] { return (first = probe.get()).node == "node2"; }));
    lab().kill("node2");
    for (int i = 0; i < 10; ++i) {
      const auto answer = probe.get("/", "Cookie: SERVERID=" + first.cookie + "\r\n");
      EXPECT_EQ(answer.node, "node1") << answer.status << " " << answer.error;
    }
  });
  lab().up();
}

TEST_F(Serving, TwoLoadBalancersShareAVipAndLeaveItOneByOne) {
  const auto web = serving("web"), vip = lab().vipOf(web);
  const auto vip_id = lab().get("/loadbalancers/" + web)["virtualIps"][0]["id"].integer();
  const auto tcp =
      serving("tcp", 1, R"(,"protocol":"TCP","port":443,"virtualIps":[{"id":)" + std::to_string(vip_id) + "}]");
  EXPECT_EQ(lab().vipOf(tcp), vip);
  EXPECT_EQ(lab().deviceOf(tcp), lab().deviceOf(web));
  EXPECT_TRUE(lab().isServedBy(vip, "node1 node2"));
  EXPECT_TRUE(lab().isServedBy(vip, "node1", "--port 443"));

  Traffic traffic(lab(), vip);
  EXPECT_EQ(lab().api("DELETE", "/loadbalancers/" + tcp).status, 202);
  EXPECT_TRUE(lab().isGone(tcp));
  traffic.waitForMore(20);
  EXPECT_THAT(traffic.stop(), ::testing::IsEmpty());
  lab().inside("client", [&] { EXPECT_EQ(traffic::HttpProbe(*NetAddress::parse(vip), 443).get().status, 0); });
}

TEST_F(Serving, AnOldDeviceIsDestroyedWithItsLastLoadBalancer) {
  const auto lb = serving("short"), device = lab().deviceOf(lb);
  clear();
  EXPECT_TRUE(lab().poolIsFull());
  const auto left = lab().devices();
  EXPECT_EQ(std::count(left.begin(), left.end(), device), 0);
}

}  // namespace
}  // namespace libra::test
