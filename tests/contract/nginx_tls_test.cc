// TLS where nginx has ways of its own. (All else: tls_contract_test.cc.)

#include <filesystem>

#include "lib/base/files.h"
#include "sidecar/nginx/control_socket.h"
#include "tests/contract/tls_peer.h"
#include "tests/support/nginx_device.h"
#include "tests/support/tiny_backend.h"

namespace libra::sidecar {
namespace {

using namespace libra::test;

class NginxTls : public testing::Test, protected TlsPeer {
 protected:
  NginxTls() { begin(aNode("501", node_.port())); }
  Driver& tlsDriver() override { return *driver_; }
  std::uint16_t port(std::size_t which = 0) const override { return proxy_.port(which); }
  pid_t process() const override { return proxy_.master(); }

  SystemClock clock_;
  NginxDevice proxy_;
  TinyBackend node_{"a"};
  const std::unique_ptr<Driver> driver_ = *makeDriver("nginx", proxy_.config(), clock_);
};

TEST_F(NginxTls, WhatSomebodyDidToACertificateIsRepairedAndTold) {
  becomes(Mechanism::Runtime);
  const nginx::ControlSocket control(proxy_.config().stats_socket, clock_);
  const auto foreign = certificates_.make();
  auto running = *control.get("/state");
  running["loadBalancers"][0]["certificates"][0]
      .set("certificate", foreign.certificate)
      .set("key", foreign.key.reveal());
  ASSERT_TRUE(control.put("/state", running.set("revision", running["revision"].integer() + 1)));
  EXPECT_EQ(shown(), shownAs(foreign));
  EXPECT_EQ(driver_->apply(aDevice(generation_, {balancer_}))->changed, std::vector<std::string>{"15.http"});
  EXPECT_EQ(shown(), shownAs(balancer_.tls->certificate));
}

TEST_F(NginxTls, AStartFromNothingServesTheSameCertificates) {
  balancer_.tls->mappings = {certificates_.make("*.b.example")};
  becomes(Mechanism::Runtime);
  proxy_.stop();
  proxy_.start();
  const auto wanted = aDevice(generation_, {balancer_});
  EXPECT_EQ(comparable(*driver_->live()), comparable(wanted));
  EXPECT_EQ(driver_->apply(wanted)->mechanism, Mechanism::None);
  EXPECT_EQ(shown(), shownAs(balancer_.tls->certificate));
  EXPECT_EQ(shown("x.b.example"), shownAs(balancer_.tls->mappings[0]));
}

// The driver changes what runs by itself then, and knows no keys.
TEST_F(NginxTls, WhenADrainEndsTheCertificatesStay) {
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now().time_since_epoch());
  balancer_.nodes.push_back(draining(aNode("502", node_.port()), now + std::chrono::seconds(1)));
  becomes(Mechanism::Runtime);
  const auto drains = [&] { return driver_->explain()->find("node 502") != std::string::npos; };
  EXPECT_TRUE(waitFor([&] { return (void)driver_->tick(), !drains(); }));
  EXPECT_EQ(shown(), shownAs(balancer_.tls->certificate));
}

TEST_F(NginxTls, KeysAreNoBodyElsesToRead) {
  becomes(Mechanism::Runtime);
  const auto key = balancer_.tls->certificate.key.reveal();
  const auto line = key.substr(key.find('\n', key.find('\n') + 1) + 1, 40);  // the first are alike
  int holding = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(proxy_.config().directory)) {
    if (!file.is_regular_file() || readFile(file.path())->find(line) == std::string::npos) continue;
    ++holding;
    EXPECT_EQ(file.status().permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  EXPECT_EQ(holding, 1) << "the state file";
  const nginx::ControlSocket control(proxy_.config().stats_socket, clock_);
  EXPECT_EQ(json::dump(*control.get("/state")).find(line), std::string::npos);
  EXPECT_EQ(driver_->explain()->find(line), std::string::npos);
  EXPECT_FALSE(control.put("/state", json::Value::object().set("key", key)));
  EXPECT_EQ(proxy_.log().find(line), std::string::npos);

  becomes(Mechanism::Runtime, {});
  for (const auto& file : std::filesystem::recursive_directory_iterator(proxy_.config().directory))
    EXPECT_FALSE(file.is_regular_file() && readFile(file.path())->find(line) != std::string::npos) << file.path();
}

}  // namespace
}  // namespace libra::sidecar
