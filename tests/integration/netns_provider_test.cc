// The netns provider and its helper, with real namespaces, HAProxy and sidecar. Needs root.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "controller/provider/netns_helper/namespaces.h"
#include "controller/provider/netns_provider.h"
#include "lib/base/files.h"
#include "lib/base/ids.h"
#include "tests/support/child_process.h"
#include "tests/support/paths.h"
#include "tests/support/steered_host.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_files.h"

namespace libra::provider {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class NetnsProviderTest : public ::testing::Test {
 protected:
  NetnsProviderTest() {
    std::ofstream(config()) << "prefix = \"" << prefix_ << "\"\n"
                            << "socket = \"" << dir_ / "socket"
                            << "\"\n"
                            << "devices_dir = \"" << dir_ / "devices"
                            << "\"\n"
                            << "ca = \"" << dir_ / "ca.crt"
                            << "\"\n"
                            << "ca_key = \"" << dir_ / "ca.key"
                            << "\"\n"
                            << "[device]\n"
                            << "sidecar = \"" << test::binaryDir() << "/bin/libra-sidecar\"\n"
                            << "steer = \"" << test::binaryDir() << "/bin/libra-steer\"\n"
                            << "job_servers = [\"10.77.0.2:4731\"]\n";
    startHelper();
  }
  ~NetnsProviderTest() override {
    helper_.reset();
    clean();
  }

  std::string config() const { return dir_ / "helper.toml"; }

  void startHelper() {
    fs::remove(dir_ / "socket");
    helper_ = std::make_unique<test::ChildProcess>(std::vector<std::string>{kHelper, "--config", config()},
                                                   dir_ / "helper.log");
    ASSERT_TRUE(test::waitFor([&] { return static_cast<bool>(provider_.list()); })) << helper_->output();
  }

  // Its exit was good; what it said is in clean.log.
  bool clean() {
    test::ChildProcess program(
        {"sh", "-c", std::string(kHelper) + " --clean --config " + config() + " && echo cleaned"}, dir_ / "clean.log");
    test::waitFor([&] { return program.hasEnded(); }, std::chrono::seconds(30));
    return program.output().ends_with("cleaned\n");
  }

  std::string build(const std::string& name) {
    const auto device = provider_.build({name});
    EXPECT_TRUE(device) << device.error().detail << helper_->output() << logOf(name);
    return device ? device->address : "";
  }

  std::string file(const std::string& device, const std::string& name) const {
    return dir_ / ("devices/" + device + "/" + name);
  }
  std::string logOf(const std::string& device) const {
    return readFile(file(device, "sidecar.log")) ? *readFile(file(device, "sidecar.log")) : "";
  }
  std::string netns(const std::string& device) const { return prefix_ + "-" + device; }
  bool hasNamespace(const std::string& device) const { return fs::exists(netns::namespacePath(netns(device))); }

  // Of the program that runs in the device's namespace now; 0: it does not run.
  pid_t pidOf(const std::string& device, const std::string& program) const {
    const auto text = readFile(file(device, program + ".pid"));
    const pid_t pid = text ? std::atoi(text->c_str()) : 0;
    return pid > 0 && netns::isInNamespace(pid, netns(device)) ? pid : 0;
  }
  bool runs(const std::string& device) const { return pidOf(device, "haproxy") != 0 && pidOf(device, "sidecar") != 0; }

  static std::string statusLine(pid_t pid, const std::string& key) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with(key)) return line;
    return "";
  }

  const std::string kHelper = test::binaryDir() + "/bin/libra-netns-helper";
  const test::TempDir dir_;
  const test::TestCa ca_{dir_.path()};
  const std::string prefix_ = "t" + randomHex(4);
  NetnsProvider provider_{{.socket = dir_ / "socket", .zone = "z1"}};
  std::unique_ptr<test::ChildProcess> helper_;
};

TEST_F(NetnsProviderTest, BuildsDevicesThatReachEachOther) {
  EXPECT_EQ(build({"lb-1"}), "10.77.2.1");
  EXPECT_EQ(build({"lb-2"}), "10.77.2.2");
  EXPECT_EQ(build({"lb-1"}), "10.77.2.1");  // repeated after a lost answer
  EXPECT_THAT(*provider_.list(), UnorderedElementsAre("lb-1", "lb-2"));
  EXPECT_TRUE(test::waitFor([&] { return runs("lb-1"); }));
  EXPECT_TRUE(test::waitFor([&] { return runs("lb-2"); }));
  test::ChildProcess ping(
      {"nsenter", "--net=" + netns::namespacePath(netns("lb-1")), "ping", "-qc1", "-W5", "fd77::2:2"},
      dir_ / "ping.log");
  EXPECT_TRUE(test::waitFor([&] { return ping.hasEnded(); }));
  EXPECT_THAT(ping.output(), HasSubstr("1 received"));
}

TEST_F(NetnsProviderTest, ItsProgramsHaveNoPrivilegesTheyDoNotNeed) {
  build({"lb-1"});
  const pid_t haproxy = pidOf("lb-1", "haproxy"), sidecar = pidOf("lb-1", "sidecar");
  EXPECT_THAT(statusLine(haproxy, "Uid"), HasSubstr("65534\t65534\t65534"));
  EXPECT_THAT(statusLine(haproxy, "CapEff"), HasSubstr("0000000000000000"));
  EXPECT_THAT(statusLine(sidecar, "Uid"), HasSubstr("65534\t65534\t65534"));
  EXPECT_THAT(statusLine(sidecar, "CapEff"), HasSubstr("0000000000003000"));
  EXPECT_THAT(statusLine(sidecar, "NoNewPrivs"), HasSubstr("1"));
}

TEST_F(NetnsProviderTest, ItsDevicesSteerWhereTheKernelDoesAndSayWhyNotElsewhere) {
  build({"lb-1"});
  const char* words = test::kernelSteers() ? "any port are steered" : "no steering, only the catalogue ports";
  EXPECT_TRUE(test::waitFor([&] { return logOf("lb-1").find(words) != std::string::npos; })) << logOf("lb-1");
  EXPECT_TRUE(provider_.destroy("lb-1"));
  EXPECT_THAT(*readFile("/proc/mounts"), Not(HasSubstr(file("lb-1", "steering"))));
}

TEST_F(NetnsProviderTest, StartsAgainWhatDies) {
  build({"lb-1"});
  for (const char* program : {"haproxy", "sidecar"}) {
    const pid_t old = pidOf("lb-1", program);
    ::kill(old, SIGKILL);
    EXPECT_TRUE(test::waitFor([&] { return pidOf("lb-1", program) != 0 && pidOf("lb-1", program) != old; })) << program;
  }
}

TEST_F(NetnsProviderTest, ANewHelperAdoptsWhatAKilledOneLeft) {
  build({"lb-1"});
  helper_->kill();
  const pid_t sidecar = pidOf("lb-1", "sidecar"), haproxy = pidOf("lb-1", "haproxy");
  ASSERT_NE(sidecar, 0);
  ::kill(haproxy, SIGKILL);
  ASSERT_TRUE(test::waitFor([&] { return pidOf("lb-1", "haproxy") == 0; }));

  startHelper();
  EXPECT_TRUE(test::waitFor([&] { return pidOf("lb-1", "haproxy") != 0; }));
  EXPECT_EQ(pidOf("lb-1", "sidecar"), sidecar);
  ::kill(sidecar, SIGKILL);  // watched, though it is no child of this helper
  EXPECT_TRUE(test::waitFor([&] { return pidOf("lb-1", "sidecar") != 0; }));
  EXPECT_EQ(build({"lb-2"}), "10.77.2.2");
}

TEST_F(NetnsProviderTest, ANewHelperRemovesWhatWasNotWhollyBuilt) {
  build({"lb-1"});
  helper_->kill();
  fs::remove(file("lb-1", "built"));
  fs::create_directory(dir_ / "devices/lb-2");
  startHelper();
  EXPECT_THAT(*provider_.list(), IsEmpty());
  EXPECT_FALSE(hasNamespace("lb-1"));
  EXPECT_EQ(build({"lb-1"}), "10.77.2.1");
}

TEST_F(NetnsProviderTest, AFailedBuildLeavesNothing) {
  build({"lb-1"});
  helper_.reset();
  std::ofstream(config(), std::ios::app) << "haproxy = \"/nonexistent/haproxy\"\n";
  startHelper();
  const auto failed = provider_.build({"lb-2"});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::Unavailable);
  EXPECT_THAT(*provider_.list(), ElementsAre("lb-1"));
  EXPECT_FALSE(hasNamespace("lb-2"));
}

TEST_F(NetnsProviderTest, AFencedDeviceIsDeadForGood) {
  build({"lb-1"});
  EXPECT_TRUE(provider_.fence("lb-1"));
  EXPECT_FALSE(runs("lb-1"));
  EXPECT_TRUE(provider_.fence("lb-1"));
  EXPECT_TRUE(provider_.fence("absent"));
  helper_->kill();
  startHelper();
  EXPECT_EQ(pidOf("lb-1", "haproxy"), 0);
  EXPECT_EQ(pidOf("lb-1", "sidecar"), 0);
  EXPECT_FALSE(provider_.build({"lb-1"}));
  EXPECT_THAT(*provider_.list(), ElementsAre("lb-1"));
  EXPECT_TRUE(provider_.destroy("lb-1"));
  EXPECT_THAT(*provider_.list(), IsEmpty());
}

TEST_F(NetnsProviderTest, ADestroyedDeviceLeavesNothing) {
  build({"lb-1"});
  const pid_t haproxy = pidOf("lb-1", "haproxy");
  EXPECT_TRUE(provider_.destroy("lb-1"));
  EXPECT_TRUE(provider_.destroy("lb-1"));
  EXPECT_FALSE(hasNamespace("lb-1"));
  EXPECT_FALSE(fs::exists(dir_ / "devices/lb-1"));
  EXPECT_TRUE(test::waitFor([&] { return ::kill(haproxy, 0) != 0; }));  // reaped too
  EXPECT_EQ(build({"lb-3"}), "10.77.2.1");
}

TEST_F(NetnsProviderTest, BuildsSeveralAtOnce) {
  std::vector<std::thread> threads;
  for (const char* name : {"a", "b", "c", "d"}) threads.emplace_back([this, name] { build({name}); });
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(*provider_.list(), UnorderedElementsAre("a", "b", "c", "d"));
}

TEST_F(NetnsProviderTest, OnlyTheControllersUserIsListenedTo) {
  test::ChildProcess stranger(
      {"setpriv", "--reuid=65534", "--clear-groups", "socat", "-", "UNIX-CONNECT:" + dir_ / "socket"},
      dir_ / "stranger.log");
  EXPECT_TRUE(test::waitFor([&] { return stranger.hasEnded(); }));
  EXPECT_THAT(stranger.output(), HasSubstr("Permission denied"));
}

TEST_F(NetnsProviderTest, CleanRemovesEverythingButNotUnderARunningHelper) {
  build({"lb-1"});
  EXPECT_FALSE(clean());
  EXPECT_TRUE(runs("lb-1"));
  helper_->kill();
  EXPECT_TRUE(clean());
  EXPECT_THAT(netns::namespacesNamed(prefix_ + "-"), IsEmpty());
  EXPECT_FALSE(fs::exists(dir_ / "devices"));
}

}  // namespace
}  // namespace libra::provider
