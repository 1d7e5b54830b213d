// A device that is replaced and comes back with everything it had; and what must not
// replace one.

#include <csignal>
#include <sstream>

#include "sidecar/vip/announce.h"
#include "tests/support/paths.h"
#include "tests/support/traffic.h"
#include "tests/system/libra_test.h"

namespace libra::test {
namespace {

// What the client's network hears of one neighbour, until it is asked.
class Capture {
 public:
  Capture(const Lab& lab, const std::string& mac, const std::string& file)
      : tcpdump_({"nsenter", "--net=/run/netns/" + lab.netns("client"), "tcpdump", "-i", "eth0", "-nnel",
                  "--immediate-mode", "arp and ether broadcast and ether src " + mac},
                 lab.path(file)) {
    if (!waitFor([&] { return tcpdump_.output().find("listening on") != std::string::npos; }))
      throw std::runtime_error("tcpdump: " + tcpdump_.output());
  }
  // Frames that say it has `vip`, in both forms.
  std::string heard() const { return tcpdump_.output(); }
  bool heardOf(const std::string& vip) const {
    const auto heard = tcpdump_.output();
    return heard.find("tell " + vip + ",") != std::string::npos || heard.find(vip + " is-at") != std::string::npos;
  }

 private:
  ChildProcess tcpdump_;
};

class FailoverTest : public LibraTest {
 protected:
  void SetUp() override {
    LibraTest::SetUp();
    lb_ = serving("failover");
    vip_ = lab().vipOf(lb_);
    device_ = lab().deviceOf(lb_);
    ASSERT_TRUE(waitFor([&] { return lab().sql("SELECT COUNT(*) FROM devices WHERE status = 'OFFLINE'") == "3"; }));
    const auto devices = [&] { return lab().sql("SELECT COUNT(*) FROM devices WHERE status <> 'DELETED'"); };
    // Those of a controller that died while it built are heard, too, until they are destroyed.
    ASSERT_TRUE(waitFor([&] { return metric("libra_heartbeat_devices") == devices(); }, std::chrono::seconds(60)))
        << metric("libra_heartbeat_devices") << " are heard, of " << devices();
  }
  void TearDown() override {
    lab().up();
    LibraTest::TearDown();
  }

  std::string part(const std::string& program) const { return "devices/" + device_ + "/" + program; }
  // To all that runs there: a proxy is a master and its workers.
  void signal(int number) const {
    std::istringstream pids(shell("ip netns pids " + lab().netns(device_)));
    for (pid_t pid = 0; pids >> pid;) ASSERT_EQ(::kill(pid, number), 0);
  }
  // Nothing runs on it, and addresses are gone, as on a machine without current.
  void switchOff() const {
    signal(SIGKILL);
    shell("ip -n " + lab().netns(device_) + " address flush dev eth0 to " + vip_);
  }
  // What starts there at boot, from its own files. Ends with what is returned.
  std::vector<std::unique_ptr<ChildProcess>> boot() const {
    std::vector<std::unique_ptr<ChildProcess>> started;
    const auto start = [&](const std::string& command) {
      started.push_back(std::make_unique<ChildProcess>(
          std::vector<std::string>{"nsenter", "--net=/run/netns/" + lab().netns(device_), "sh", "-c",
                                   "cd " + lab().path("devices/" + device_) + " && exec " + command},
          lab().path("boot-" + std::to_string(started.size()))));
    };
    start("haproxy -W -S unix@haproxy/master.sock,mode,660 -f haproxy/haproxy.cfg");
    start(binaryDir() + "/bin/libra-sidecar --config sidecar.toml");
    return started;
  }
  bool holds(const std::string& device) const {
    return shell("ip -n " + lab().netns(device) + " -o address").find(" " + vip_ + "/") != std::string::npos;
  }
  std::string mac() const {
    return shell("ip netns exec " + lab().netns(device_) + " cat /sys/class/net/eth0/address | tr -d '\n'");
  }
  std::string rows() const {
    return lab().sql("SELECT id, status, generation FROM devices ORDER BY id") + "\n" +
           lab().sql("SELECT id, device, epoch FROM vips ORDER BY id") + "\n" +
           lab().sql("SELECT id, device, status FROM load_balancers ORDER BY id");
  }
  std::string metric(const std::string& name) {
    const auto page = lab().api("GET", "/metrics", "", "LIBRA_ADMIN_TOKEN", "LIBRA_METRICS_URL").body;
    const auto at = page.find("\n" + name + " ");
    return at == std::string::npos ? ""
                                   : page.substr(at + name.size() + 2, page.find('\n', at + 1) - at - name.size() - 2);
  }

  void expectGivenUpWithoutAWordAfter(const std::function<void()>& revive) {
    EXPECT_TRUE(holds(device_));
    const Capture capture(lab(), mac(), "arp-" + device_);
    revive();
    EXPECT_TRUE(waitFor([&] { return !holds(device_); }));
    EXPECT_TRUE(lab().isServedBy(vip_, "node1 node2"));
    EXPECT_FALSE(capture.heardOf(vip_)) << capture.heard();
  }

  // The old device was replaced while nobody could cut it off, and comes back by `revive`.
  void expectNoWordOfItsOwnAfter(const std::function<void()>& revive) {
    ASSERT_TRUE(waitFor([&] { return lab().deviceOf(lb_) != device_; }));
    EXPECT_TRUE(lab().isServedBy(vip_, "node1 node2"));
    EXPECT_TRUE(waitFor([&] { return metric("libra_vip_two_holders") == "1"; }));
    EXPECT_NE(lab().sql("SELECT text FROM events WHERE kind = 'vip.two_holders'").find(device_), std::string::npos);
    expectGivenUpWithoutAWordAfter(revive);
    EXPECT_TRUE(waitFor([&] { return metric("libra_vip_two_holders") == "0"; }));
  }

  // The same, with no controller in reach of any device when it comes back: its neighbour tells it.
  void expectYieldsToItsNeighbourAfter(const std::function<void()>& revive) {
    ASSERT_TRUE(waitFor([&] { return lab().deviceOf(lb_) != device_; }));
    EXPECT_TRUE(lab().isServedBy(vip_, "node1 node2"));
    for (const char* machine : {"ctl", "jobs"}) lab().setLink(machine, false);  // a job may be waiting for it, too
    expectGivenUpWithoutAWordAfter(revive);
    EXPECT_TRUE(holds(lab().deviceOf(lb_)));
    for (const char* machine : {"ctl", "jobs"}) lab().setLink(machine, true);
    EXPECT_TRUE(waitFor([&] { return metric("libra_vip_two_holders") == "0"; })) << "it told that it holds nothing";
  }

  std::string lb_, vip_, device_;
};

TEST_F(FailoverTest, ADeviceWhoseLinkReturnsGivesItsVipUpWithoutAWord) {
  lab().kill("netns-helper");
  lab().setLink(device_, false);
  expectNoWordOfItsOwnAfter([&] { lab().setLink(device_, true); });
}

TEST_F(FailoverTest, AThawedDeviceGivesItsVipUpWithoutAWord) {
  lab().kill("netns-helper");
  signal(SIGSTOP);
  expectNoWordOfItsOwnAfter([&] { signal(SIGCONT); });
}

TEST_F(FailoverTest, ARebootedDeviceAsksWhoseItsVipIsBeforeItSaysAWord) {
  lab().kill("netns-helper");
  switchOff();
  ASSERT_TRUE(waitFor([&] { return lab().deviceOf(lb_) != device_; }));
  EXPECT_TRUE(waitFor([&] { return metric("libra_vip_two_holders") == "1"; })) << "who knows what runs there";
  const Capture capture(lab(), mac(), "arp-" + device_);
  const auto running = boot();
  EXPECT_TRUE(waitFor([&] { return metric("libra_vip_two_holders") == "0"; })) << "it told that it holds nothing";
  for (const auto& program : running) EXPECT_FALSE(program->hasEnded()) << program->output();
  EXPECT_FALSE(holds(device_));
  EXPECT_FALSE(capture.heardOf(vip_)) << capture.heard();
  EXPECT_TRUE(lab().isServedBy(vip_, "node1 node2"));
}

// With the controllers out of reach it has its neighbours alone to ask.
TEST_F(FailoverTest, ARebootedDeviceWithoutControllersLeavesAVipThatANeighbourHas) {
  lab().kill("netns-helper");
  switchOff();
  ASSERT_TRUE(waitFor([&] { return lab().deviceOf(lb_) != device_; }));
  ASSERT_TRUE(lab().isServedBy(vip_, "node1 node2"));
  lab().setLink("ctl", false);
  const Capture capture(lab(), mac(), "arp-" + device_);
  const auto running = boot();
  EXPECT_TRUE(waitFor([&] { return running.back()->output().find(" is device ") != std::string::npos; }));
  EXPECT_FALSE(holds(device_));
  EXPECT_FALSE(capture.heardOf(vip_)) << capture.heard();
  EXPECT_TRUE(lab().isServedBy(vip_, "node1 node2"));
  lab().setLink("ctl", true);
  EXPECT_TRUE(waitFor([&] { return metric("libra_vip_two_holders") == "0"; })) << "it told that it holds nothing";
}

TEST_F(FailoverTest, ARebootedDeviceWithoutControllersServesWhatNobodyElseHas) {
  lab().kill("netns-helper");
  lab().setLink("ctl", false);
  switchOff();
  const auto running = boot();
  EXPECT_TRUE(waitFor([&] { return holds(device_); }));
  EXPECT_TRUE(lab().isServedBy(vip_, "node1 node2"));
  lab().setLink("ctl", true);
}

TEST_F(FailoverTest, ADeviceThatReturnsWithoutControllersYieldsToItsNeighboursSignedClaim) {
  lab().kill("netns-helper");
  lab().setLink(device_, false);
  expectYieldsToItsNeighbourAfter([&] { lab().setLink(device_, true); });
}

TEST_F(FailoverTest, ADeviceThatThawsWithoutControllersYieldsToItsNeighboursSignedClaim) {
  lab().kill("netns-helper");
  signal(SIGSTOP);
  expectYieldsToItsNeighbourAfter([&] { signal(SIGCONT); });
}

TEST_F(FailoverTest, ADeviceThatWasCutOffHoldsNothingAnyMore) {
  lab().setLink(device_, false);
  ASSERT_TRUE(waitFor([&] { return lab().deviceOf(lb_) != device_; }));
  EXPECT_TRUE(waitFor([&] { return !lab().isRunning(part("sidecar")) && !lab().isRunning(part("haproxy")); }));
  EXPECT_TRUE(lab().isServedBy(vip_, "node1 node2"));
  EXPECT_TRUE(holds(lab().deviceOf(lb_)));
  EXPECT_EQ(metric("libra_vip_two_holders"), "0");
}

TEST_F(FailoverTest, AKilledSidecarIsNoDeadDevice) {
  const auto before = rows();
  Traffic traffic(lab(), vip_);
  traffic.waitForMore(20);
  const int old = lab().pid(part("sidecar"));
  lab().kill(part("sidecar"));
  EXPECT_TRUE(lab().comesBack(part("sidecar"), old));
  EXPECT_TRUE(waitFor([&] { return metric("libra_heartbeat_devices") == "4"; }));
  traffic.waitForMore(100);
  EXPECT_EQ(traffic.stop(), std::vector<std::string>());
  EXPECT_EQ(rows(), before);
}

TEST_F(FailoverTest, WithoutAnyControlTrafficGoesOnAndNothingIsMovedWhenItReturns) {
  const auto before = rows();
  Traffic traffic(lab(), vip_);
  for (const char* part : {"controller", "gearmand", "job-front", "mariadb"}) lab().kill(part);
  traffic.waitForMore(500);
  lab().up();
  EXPECT_TRUE(waitFor([&] { return metric("libra_heartbeat_devices") == "4"; }, std::chrono::seconds(30)));
  traffic.waitForMore(100);
  EXPECT_EQ(traffic.stop(), std::vector<std::string>());
  EXPECT_EQ(rows(), before);
  change(lb_, "POST", "/nodes", R"({"nodes":[)" + lab().nodeJson(3) + "]}");
  EXPECT_TRUE(lab().isServedBy(vip_, "node1 node2 node3"));
}

TEST_F(FailoverTest, AControllerThatIsCutOffMovesNothingAndSaysWhy) {
  const auto before = rows();
  const auto breaker = [&] {
    return lab().api("GET", "/status/breaker", "", "LIBRA_ADMIN_TOKEN", "LIBRA_ADMIN_URL").body;
  };
  Traffic traffic(lab(), vip_);
  lab().setLink("ctl", false);
  EXPECT_TRUE(waitFor([&] { return metric("libra_breaker_open") == "1"; }));
  EXPECT_NE(breaker().find("no device is heard"), std::string::npos) << breaker();
  traffic.waitForMore(500);
  lab().setLink("ctl", true);
  EXPECT_TRUE(waitFor([&] { return metric("libra_heartbeat_devices") == "4"; }, std::chrono::seconds(30)));
  EXPECT_TRUE(waitFor([&] { return metric("libra_breaker_open") == "0"; })) << breaker();
  EXPECT_EQ(traffic.stop(), std::vector<std::string>());
  EXPECT_EQ(rows(), before);
}

TEST_F(FailoverTest, AForgedArpTakesNoVipAway) {
  const auto before = rows();
  lab().inside("node1", [&] {
    const auto announcer = sidecar::Announcer::open("eth0");
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(announcer->send(*NetAddress::parse(vip_)));
  });
  EXPECT_TRUE(holds(device_));
  shell("ip -n " + lab().netns("client") + " neigh flush dev eth0");
  EXPECT_TRUE(lab().isServedBy(vip_, "node1 node2"));
  EXPECT_EQ(rows(), before);
}

}  // namespace
}  // namespace libra::test
