// The whole Libra in namespaces: what happens to load balancers when its parts die.

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

#include "tests/support/child_process.h"
#include "tests/support/lab.h"

namespace libra::test {
namespace {

class Libra : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { lab_ = new Lab; }
  static void TearDownTestSuite() {
    delete lab_;
    lab_ = nullptr;
  }
  static Lab& lab() { return *lab_; }

  // A load balancer that serves, gone at the end of the test.
  std::string serving(const std::string& name) {
    const auto lb = lab().create(name);
    EXPECT_TRUE(lab().becomes(lb, "ACTIVE"));
    made_.push_back(lb);
    return lb;
  }
  void TearDown() override {
    for (const auto& lb : made_) {
      lab().api("DELETE", "/loadbalancers/" + lb);
      EXPECT_TRUE(waitFor([&] { return lab().api("GET", "/loadbalancers/" + lb).status == 404; }));
    }
    EXPECT_TRUE(waitFor([] { return lab().sql("SELECT COUNT(*) FROM devices WHERE status = 'OFFLINE'") == "3\n"; },
                        std::chrono::seconds(30)));
  }
  std::vector<std::string> made_;

 private:
  static inline Lab* lab_ = nullptr;
};

TEST_F(Libra, ServesEachNodeAndForgetsWhatIsDeleted) {
  const auto lb = serving("web");
  const auto device = lab().deviceOf(lb);
  Traffic traffic(lab(), lab().vipOf(lb));
  traffic.waitForMore(20);
  EXPECT_EQ(traffic.failures(), 0);
  const std::string third = R"({"nodes":[{"address":")" + lab().addressOfNode(3) + R"(","port":80}]})";
  EXPECT_EQ(lab().api("POST", "/loadbalancers/" + lb + "/nodes", third).status, 202);
  EXPECT_TRUE(lab().becomes(lb, "ACTIVE"));
  const std::string monitor = R"({"type":"HTTP","delay":5,"timeout":5,"attemptsBeforeDeactivation":2,"path":"/"})";
  EXPECT_EQ(lab().api("PUT", "/loadbalancers/" + lb + "/healthmonitor", monitor).status, 202);
  EXPECT_TRUE(lab().becomes(lb, "ACTIVE"));
  traffic.waitForMore(20);
  EXPECT_EQ(traffic.failures(), 0) << "a change cost requests";
  EXPECT_EQ(lab().api("GET", "/loadbalancers/" + lb, {}, "LIBRA_OTHER_TOKEN").status, 404);
  traffic.stop();

  made_.clear();
  EXPECT_EQ(lab().api("DELETE", "/loadbalancers/" + lb).status, 202);
  EXPECT_TRUE(
      waitFor([&] { return !std::filesystem::exists(lab().path("devices/" + device)); }, std::chrono::seconds(30)))
      << "the device outlived its load balancer";
}

TEST_F(Libra, AKilledSidecarCostsNoRequestAndItsSuccessorChangesNothing) {
  const auto lb = serving("sidecar-dies");
  const auto device = lab().deviceOf(lb);
  const auto before = lab().haproxy(device, "show map vip.map");
  const int proxy = lab().pid("devices/" + device + "/haproxy"), old = lab().pid("devices/" + device + "/sidecar");
  Traffic traffic(lab(), lab().vipOf(lb));
  traffic.waitForMore(20);
  lab().kill("devices/" + device + "/sidecar");
  EXPECT_TRUE(lab().comesBack("devices/" + device + "/sidecar", old));
  traffic.waitForMore(200);
  traffic.stop();
  EXPECT_EQ(traffic.failures(), 0);
  EXPECT_EQ(lab().pid("devices/" + device + "/haproxy"), proxy);
  // A successor that registered has reconciled: it answers the next job.
  EXPECT_EQ(lab().api("PUT", "/loadbalancers/" + lb, R"({"name":"renamed"})").status, 202);
  EXPECT_TRUE(lab().becomes(lb, "ACTIVE"));
  EXPECT_EQ(lab().haproxy(device, "show map vip.map"), before);
}

TEST_F(Libra, AKilledProxyServesAgainWithoutTheController) {
  const auto lb = serving("proxy-dies");
  const auto device = lab().deviceOf(lb), vip = lab().vipOf(lb);
  // The configuration for the next start is written after the answer.
  EXPECT_TRUE(waitFor([&] {
    return shell("cat " + lab().path("devices/" + device + "/haproxy/current/vip.map")).find(vip) != std::string::npos;
  }));
  lab().kill("controller", SIGSTOP);
  const int old = lab().pid("devices/" + device + "/haproxy");
  lab().kill("devices/" + device + "/haproxy");
  EXPECT_TRUE(lab().comesBack("devices/" + device + "/haproxy", old));
  {
    Traffic traffic(lab(), vip);
    traffic.waitForMore(20);
  }
  lab().kill("controller", SIGCONT);
  EXPECT_TRUE(lab().becomes(lb, "ACTIVE"));
}

// Killed so many milliseconds after the 202: before, during and after the job.
TEST_F(Libra, AControllerKilledAfterItsPromiseKeepsItOnce) {
  for (const int delay : {0, 1, 2, 4, 6, 9, 14, 25}) {
    SCOPED_TRACE(std::to_string(delay) + " ms after the 202");
    const auto lb = lab().create("killed-" + std::to_string(delay));
    std::this_thread::sleep_for(std::chrono::milliseconds(delay));  // the moment of death, not a wait for luck
    lab().kill("controller");
    lab().up();
    made_.push_back(lb);
    ASSERT_TRUE(lab().becomes(lb, "ACTIVE"));
    EXPECT_EQ(lab().sql("SELECT COUNT(*) FROM load_balancers WHERE name = 'killed-" + std::to_string(delay) + "'"),
              "1\n");
    EXPECT_EQ(lab().sql("SELECT COUNT(*) FROM vips v JOIN load_balancers l ON v.device = l.device WHERE l.id = " + lb),
              "1\n");
    Traffic traffic(lab(), lab().vipOf(lb));
    traffic.waitForMore(5);
    traffic.stop();
    TearDown();
    made_.clear();
  }
}

TEST_F(Libra, NothingCrossesTheWireInClear) {
  const std::string capture = lab().path("wire.pcap"), marker = "MARKER-in-a-name";
  ChildProcess tcpdump({"/usr/sbin/ip", "netns", "exec", lab().prefix() + "-jobs", "/usr/bin/tcpdump", "-i", "eth0",
                        "-U", "-w", capture, "port", "4731"},
                       lab().path("tcpdump.log"));
  ASSERT_TRUE(waitFor([&] { return tcpdump.output().find("listening on") != std::string::npos; }));
  serving(marker);
  ASSERT_TRUE(waitFor([&] { return std::filesystem::file_size(capture) > 4000; }));
  tcpdump.kill();
  EXPECT_EQ(shell("grep -c " + marker + " " + capture + " || true"), "0\n");
  EXPECT_EQ(shell("grep -c hpcs_action " + capture + " || true"), "0\n");
}

TEST_F(Libra, IsStoppedWithoutATraceWhateverDied) {
  lab().kill("controller");
  lab().kill("netns-helper");
  lab().kill("gearmand");
  lab().down();
  EXPECT_FALSE(std::filesystem::exists(lab().path("env")));
  EXPECT_EQ(shell("ls /run/netns | grep -c '^" + lab().prefix() + "-' || true"), "0\n");
  lab().up();
}

}  // namespace
}  // namespace libra::test
