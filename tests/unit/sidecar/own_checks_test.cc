#include "sidecar/own_checks.h"

#include <gtest/gtest.h>

#include "sidecar/noop_driver.h"
#include "tests/support/device_states.h"

namespace libra::sidecar {
namespace {

using test::aBalancer;
using test::aDevice;
using test::aNode;

class ChecksNothing final : public NoopDriver {
 public:
  bool checksItself(const protocol::MonitorState&) const override { return false; }
};

class Remembering final : public checks::NodeChecks {
 public:
  void watch(std::map<checks::PeerKey, checks::Peer> peers) override { watched = std::move(peers); }
  std::map<checks::PeerKey, checks::PeerVerdict> verdicts() const override { return {}; }

  std::map<checks::PeerKey, checks::Peer> watched;
};

class OwnChecksTest : public testing::Test {
 protected:
  void look(const protocol::DeviceState& device) {
    std::map<std::string, NodeCheck> health;
    ASSERT_TRUE(own_.keepUp(device, health));
  }
  const checks::Monitor* monitorOf(const std::string& node) const {
    return checks_.watched.at({"15", node}).monitor.get();
  }

  ChecksNothing driver_;
  Remembering checks_;
  OwnChecks own_{driver_, checks_};
};

TEST_F(OwnChecksTest, ANodeThatSpeaksTlsIsAskedByTls) {
  struct {
    MonitorType given, plain, secure;
  } cases[] = {
      {MonitorType::Http, MonitorType::Http, MonitorType::Https},
      {MonitorType::Https, MonitorType::Https, MonitorType::Https},
      {MonitorType::Connect, MonitorType::Connect, MonitorType::Connect},
  };
  for (const auto& c : cases) {
    auto balancer = aBalancer("15", 80, {aNode("501", 80), aNode("502", 443)});
    balancer.nodes[1].tls = true;
    balancer.monitor.type = c.given;
    look(aDevice(1, {balancer}));
    EXPECT_EQ(monitorOf("501")->wanted.type, c.plain);
    EXPECT_EQ(monitorOf("502")->wanted.type, c.secure);
  }
}

// A node whose monitor stays keeps the rhythm of its checks.
TEST_F(OwnChecksTest, AMonitorIsMadeOnceForAllItsNodesAndLooks) {
  const auto device = aDevice(1, {aBalancer("15", 80, {aNode("501", 80), aNode("502", 81)})});
  look(device);
  const auto* first = monitorOf("501");
  look(device);
  EXPECT_EQ(monitorOf("501"), first);
  EXPECT_EQ(monitorOf("502"), first);
}

TEST_F(OwnChecksTest, ADisabledNodeIsNotAsked) {
  look(aDevice(1, {aBalancer("15", 80, {test::disabled(aNode("501", 80))})}));
  EXPECT_TRUE(checks_.watched.empty());
}

}  // namespace
}  // namespace libra::sidecar
