// The real libra-sidecar with a real HAProxy, a real gearmand behind its TLS front and
// VIPs on an interface, in a network namespace of the test's own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "lib/base/files.h"
#include "lib/gear/client.h"
#include "lib/gear/tls_pipe.h"
#include "lib/seal/asker.h"
#include "tests/support/device_states.h"
#include "tests/support/haproxy_process.h"
#include "tests/support/netns.h"
#include "tests/support/paths.h"
#include "tests/support/tiny_backend.h"
#include "tests/support/tls_files.h"
#include "tests/support/tls_gearmand.h"

namespace libra::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kVip = "10.77.9.1";

// A device and its controller's end. Made and used on a thread of the namespace.
class Device {
 public:
  Device() : jobs_(ca_.issue("front", {.dns = {"localhost"}, .ip = {"127.0.0.1"}, .uri = {"libra:jobserver"}})) {
    writeSettings(ca_.issue("dev1", {.dns = {"dev1"}, .uri = {"libra:device:dev1"}}));
    startSidecar();
    const auto files = ca_.issue("controller", {.dns = {"controller"}, .uri = {"libra:controller"}});
    auto pipe = gear::TlsPipe::open(connectionTo({jobs_.server()}, files));
    if (!pipe) throw std::runtime_error(pipe.error().message);
    pipe_ = *std::move(pipe);
    client_ = std::make_unique<gear::Client>(*pipe_, "controller");
    auto hand = seal::Hand::open(files);
    if (!hand) throw std::runtime_error(hand.error().message);
    asker_ = std::make_unique<seal::Asker>(*std::move(hand), clock_);
  }

  void startSidecar() {
    sidecar_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{binaryDir() + "/bin/libra-sidecar", "--config", folder_ / "sidecar.toml"},
        folder_ / "sidecar.log");
  }
  void killSidecar() { sidecar_.reset(); }
  ChildProcess& sidecar() { return *sidecar_; }
  std::string log() const { return *readFile(folder_ / "sidecar.log"); }

  protocol::Answer ask(const std::string& payload) {
    for (;;) {
      const auto sent = *asker_->write("libra:device:dev1", payload);
      const auto answer = client_->call("dev1", sent, 20s);
      const auto text = answer ? asker_->read("libra:device:dev1", sent, *answer) : answer.error();
      if (!text) throw std::runtime_error(text.error().detail + "\n" + log());
      if (*text) return *protocol::readAnswer(**text);
    }
  }
  protocol::Answer apply(const protocol::DeviceState& state) { return ask(json::dump(protocol::writeUpdate(state))); }

  protocol::DeviceState oneBalancer(std::uint64_t generation) {
    auto balancer = aBalancer("15", haproxy.port(), {aNode("501", node.port())});
    balancer.addresses = {*NetAddress::parse(kVip)};
    auto state = aDevice(generation, {balancer});
    state.virtual_ips = {{*NetAddress::parse(kVip), 32, 1}};
    return state;
  }
  bool serves() { return httpGet(haproxy.port(), "/", "", kVip).status == 200; }

  HaproxyProcess haproxy;
  TinyBackend node{"node"};

 private:
  void writeSettings(const tls::Files& files) const {
    const auto& config = haproxy.config();
    std::ofstream toml(folder_ / "sidecar.toml");
    toml << "[device]\nname = 'dev1'\nstate_dir = '" << folder_.path()
         << "'\n[vip]\ninterface = 'lo'\nannounce = false\n"
         << "[gearman]\nservers = ['" << jobs_.server() << "']\nca = '" << files.ca << "'\ncertificate = '"
         << files.certificate << "'\nkey = '" << files.key << "'\n[driver]\ndirectory = '" << config.directory
         << "'\nstats_socket = '" << config.stats_socket << "'\nmanagement = '" << config.management << "'\nports = [";
    for (const auto port : config.ports) toml << port << ", ";
    toml << "]\n";
  }

  TempDir folder_;
  TestCa ca_{folder_.path()};
  TlsGearmand jobs_;
  std::unique_ptr<ChildProcess> sidecar_;
  std::unique_ptr<gear::TlsPipe> pipe_;
  std::unique_ptr<gear::Client> client_;
  const SystemClock clock_;
  std::unique_ptr<seal::Asker> asker_;
};

void onADevice(const std::function<void(Device&)>& test) {
  const test::NetworkNamespace space;
  space.run([&] {
    ASSERT_EQ(std::system("ip link set lo up"), 0);
    Device device;
    test(device);
  });
}

TEST(Sidecar, AJobBecomesTrafficThroughTheVip) {
  onADevice([](Device& device) {
    const auto answer = device.apply(device.oneBalancer(7));
    ASSERT_TRUE(answer.pass) << answer.error << device.log();
    EXPECT_EQ(answer.generation, 7u);
    EXPECT_EQ(answer.mechanism, "runtime");
    EXPECT_TRUE(device.serves());
    EXPECT_TRUE(waitFor([&] {
      const auto nodes = device.ask(R"({"hpcs_action":"STATS"})").nodes;
      return nodes == std::map<std::string, protocol::NodeHealth>{{"501", protocol::NodeHealth::Up}};
    }));
  });
}

TEST(Sidecar, AKilledProxyServesTheSameAgainWithoutTheController) {
  onADevice([](Device& device) {
    ASSERT_TRUE(device.apply(device.oneBalancer(7)).pass);
    device.haproxy.kill();
    device.haproxy.start();
    EXPECT_TRUE(waitFor([&] { return device.serves(); }, 20s)) << device.log();
  });
}

TEST(Sidecar, AKilledSidecarStopsNoTrafficAndTheNextChangesNothing) {
  onADevice([](Device& device) {
    ASSERT_TRUE(device.apply(device.oneBalancer(7)).pass);
    KeptConnection kept(device.haproxy.port(), kVip);
    EXPECT_EQ(kept.get().status, 200);
    device.killSidecar();
    EXPECT_EQ(kept.get().status, 200);
    EXPECT_TRUE(device.serves());

    device.startSidecar();
    const auto late = device.apply(device.oneBalancer(6));
    EXPECT_TRUE(late.pass && late.already_newer) << late.error;
    EXPECT_EQ(device.apply(device.oneBalancer(7)).mechanism, "");
    EXPECT_EQ(kept.get().status, 200);
  });
}

TEST(Sidecar, DeleteEndsTheTrafficAndTheVip) {
  onADevice([](Device& device) {
    ASSERT_TRUE(device.apply(device.oneBalancer(7)).pass);
    EXPECT_TRUE(device.ask(R"({"hpcs_action":"DELETE"})").pass);
    EXPECT_FALSE(device.serves());
    EXPECT_EQ(device.ask(R"({"hpcs_action":"STATS"})").error, "Invalid operation STATS on a deleted LB.");
  });
}

TEST(Sidecar, ATermSignalEndsItCleanly) {
  onADevice([](Device& device) {
    ASSERT_TRUE(device.ask(R"({"hpcs_action":"DISCOVER"})").pass);
    device.sidecar().signal(SIGTERM);
    EXPECT_TRUE(waitFor([&] { return device.sidecar().hasEnded(); }));
  });
}

}  // namespace
}  // namespace libra::test
