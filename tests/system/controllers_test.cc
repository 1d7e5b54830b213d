// Two controllers on one store: either killed (-9) at random while load balancers come, move and
// go (LIBRA_CHANGES tells how many changes: 50 unless set, 500 by hand), and either deaf to a device.

#include <cstdlib>
#include <iostream>
#include <random>
#include <sstream>

#include "tests/system/libra_test.h"
#include "tests/traffic/steady_client.h"

namespace libra::test {
namespace {

using std::chrono::seconds;

constexpr const char* kProxyAnswers = "ipproto tcp sport 9080";
constexpr int kLong = 500;  // requests, one each 5 ms: longer than a vote is waited for

class ControllersTest : public LibraTest {
 protected:
  static void SetUpTestSuite() {
    lab().set("LIBRA_CONTROLLERS", "2");
    lab().set("LIBRA_API_PORT_2", std::to_string(freePort()));
    lab().set("LIBRA_ADMIN_PORT_2", std::to_string(freePort()));
    lab().kill("netns-helper");  // the next one tells devices of both
    lab().up();
  }
  static void TearDownTestSuite() {
    lab().set("LIBRA_CONTROLLERS", "1");
    lab().kill("controller-2");
  }

  int random(int below) { return std::uniform_int_distribution(0, below - 1)(random_); }

  // By either controller; what a dead one does not answer may have been done or not.
  void change() {
    const std::string url = random(2) == 0 ? "LIBRA_URL" : "LIBRA_URL_2";
    const auto living = lines("SELECT id FROM load_balancers WHERE status IN ('ACTIVE', 'DEGRADED')");
    try {
      if (living.size() < 2 || random(2) == 0) return create(url);
      const auto& lb = living[static_cast<std::size_t>(random(static_cast<int>(living.size())))];
      if (random(4) == 0) return failOver(lb);
      lab().api("DELETE", "/loadbalancers/" + lb, "", "LIBRA_TOKEN", url);
    } catch (const std::runtime_error&) {
    }
  }
  static void create(const std::string& url) {
    lab().api("POST", "/loadbalancers", R"({"name":"many","nodes":[)" + lab().nodeJson(1) + "]}", "LIBRA_TOKEN", url);
  }
  void failOver(const std::string& lb) {
    const auto device = lab().sql("SELECT device FROM load_balancers WHERE id = " + lb);
    if (lab().api("POST", "/devices/" + device + "/failover", "", "LIBRA_ADMIN_TOKEN", "LIBRA_ADMIN_URL").status == 200)
      ++failovers_;
  }
  static std::vector<std::string> lines(const std::string& query) {
    std::istringstream in(lab().sql(query));
    std::vector<std::string> found;
    for (std::string line; std::getline(in, line);) found.push_back(line);
    return found;
  }
  static std::string unsettled() {
    return lab().sql("SELECT id, status FROM load_balancers WHERE status NOT IN ('ACTIVE', 'DELETED')");
  }

  // A load balancer whose device both controllers hear: one that was built for one of them is not such.
  std::string heardByBoth() {
    for (;;) {
      EXPECT_TRUE(
          waitFor([] { return !lines("SELECT id FROM devices WHERE status = 'OFFLINE'").empty(); }, seconds(30)));
      const auto lb = serving("voted");
      const auto device = lab().deviceOf(lb);
      if (shell("cat " + lab().path("devices/" + device + "/sidecar.toml")).find(":4741") == std::string::npos)
        continue;
      const auto connected = [&](const char* port) {
        return !inNetns(device, "ss -Htn state established dport = :" + std::string(port)).empty();
      };
      EXPECT_TRUE(waitFor([&] { return connected("4740") && connected("4741"); }, seconds(30)));
      return lb;
    }
  }
  static std::string inNetns(const std::string& device, const std::string& command) {
    return shell("ip netns exec " + lab().netns(device) + " " + command);
  }
  // What the device sends to the controller that is listened at `port` is lost: beats, answers, the rest of the
  // connection. So is what its proxy answers, to any controller that asks; one that hears the device does not.
  static void deafen(const std::string& device, const std::string& port, const char* how = "add") {
    for (const auto& lost : {"ipproto udp dport " + port, "ipproto tcp dport " + port, std::string(kProxyAnswers)})
      inNetns(device, std::string("ip rule ") + how + " pref " + port + " " + lost + " blackhole");
  }
  static std::string votesOn(const std::string& device) {
    return lab().sql("SELECT COUNT(*), COALESCE(SUM(lost), 0) FROM votes WHERE device = '" + device + "'");
  }

  const unsigned seed_ = std::random_device{}();
  std::mt19937 random_{seed_};
  int failovers_ = 0;  // that were answered
};

TEST_F(ControllersTest, KilledAtRandomTheyLeaveNothingHalfDoneAndNothingOwnedTwice) {
  const char* wanted = std::getenv("LIBRA_CHANGES");
  const int changes = wanted ? std::atoi(wanted) : 50;
  std::cout << "  seed " << seed_ << ", " << changes << " changes\n";
  for (int i = 1; i <= changes; ++i) {
    change();
    if (random(10) != 0) continue;
    lab().kill(random(2) == 0 ? "controller" : "controller-2");
    for (int j = random(4); j > 0; --j) change();
    lab().up();
  }
  lab().up();
  std::cout << "  " << failovers_ << " failovers\n";
  EXPECT_TRUE(waitFor([] { return unsettled().empty(); }, seconds(60))) << unsettled();
  EXPECT_EQ(
      lab().sql("SELECT device FROM load_balancers WHERE status <> 'DELETED' GROUP BY device HAVING COUNT(*) > 1"), "");
  EXPECT_EQ(lab().sql("SELECT device FROM vips WHERE device IS NOT NULL GROUP BY device HAVING COUNT(*) > 1"), "");
  EXPECT_EQ(lab().sql("SELECT COUNT(*) FROM vips WHERE device IS NOT NULL"),
            lab().sql("SELECT COUNT(*) FROM load_balancers WHERE status = 'ACTIVE'"));
  for (const auto& lb : lines("SELECT id FROM load_balancers WHERE status = 'ACTIVE'")) {
    EXPECT_TRUE(lab().isServedBy(lab().vipOf(lb), "node1"));
    goesAtTheEnd(lb);
  }
}

TEST_F(ControllersTest, ADeviceThatOneOfThemHearsStaysAndOneThatNoneHearsGoes) {
  const auto lb = heardByBoth();
  const auto device = lab().deviceOf(lb);
  traffic::SteadyClient client(*NetAddress::parse(lab().vipOf(lb)), 80, {.netns = lab().netns("client")});
  for (const char* port : {"4740", "4741"}) {  // either may hold the lease that would move it
    deafen(device, port);
    EXPECT_TRUE(waitFor([&] { return votesOn(device) == "2\t1"; })) << votesOn(device);
    EXPECT_TRUE(client.waitForAnswers(kLong));
    EXPECT_TRUE(waitFor([&] { return votesOn(device) == "2\t1"; })) << votesOn(device);
    deafen(device, port, "delete");
    EXPECT_TRUE(waitFor([&] { return votesOn(device) == "0\t0"; })) << votesOn(device);
  }
  client.stop();
  EXPECT_EQ(traffic::outageAfter({}, client.attempts()).failed, 0);
  EXPECT_EQ(lab().deviceOf(lb), device);
  const auto logs = shell("cat " + lab().path("controller.log") + " " + lab().path("controller-2.log"));
  EXPECT_NE(logs.find("device " + device + " is silent here and heard by another controller"), std::string::npos);

  for (const char* port : {"4740", "4741"}) deafen(device, port);
  EXPECT_TRUE(waitFor([&] { return lab().deviceOf(lb) != device; }));
  EXPECT_TRUE(waitFor([&] { return votesOn(device) == "0\t0"; })) << votesOn(device);
}

}  // namespace
}  // namespace libra::test
