// TLS towards clients, made and changed in a running nginx.

#include <csignal>
#include <filesystem>

#include "lib/base/files.h"
#include "lib/tls/bundle.h"
#include "sidecar/nginx/control_socket.h"
#include "tests/contract/driver_contract.h"
#include "tests/support/certificates.h"
#include "tests/support/nginx_device.h"
#include "tests/support/raw_client.h"
#include "tests/support/tiny_backend.h"

namespace libra::sidecar {
namespace {

using namespace libra::test;
using protocol::CertificateState;
using protocol::LoadBalancerState;

std::string shownAs(const CertificateState& certificate) { return tls::fingerprintOf(certificate.certificate); }

// What a client of TLS meets that asks for a host.
struct Met {
  std::string shown;  // "": no handshake
  std::string answer;
};

class NginxTls : public testing::Test {
 protected:
  NginxTls() : driver_(*makeDriver("nginx", proxy_.config(), clock_)) { std::signal(SIGPIPE, SIG_IGN); }

  static constexpr const char* kNone = "127.0.0.1";  // no name is sent for an address

  void becomes(Mechanism mechanism) { becomes(mechanism, {balancer_}); }
  void becomes(Mechanism mechanism, std::vector<LoadBalancerState> balancers) {
    const auto wanted = aDevice(++generation_, std::move(balancers));
    const auto applied = driver_->apply(wanted);
    ASSERT_TRUE(applied) << applied.error().message << ": " << applied.error().detail;
    EXPECT_EQ(applied->mechanism, mechanism);
    EXPECT_EQ(comparable(*driver_->live()), comparable(wanted));
    EXPECT_EQ(proxy_.master(), pid_);
  }

  Met meet(const std::string& host = kNone, std::size_t which = 3) {
    RawClient client(proxy_.port(which), *tls::unverifiedClientContext(), host);
    if (!client.connected()) return {};
    client.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
    return {client.shown(), client.readAnswer()};
  }
  std::string shown(const std::string& host = kNone, std::size_t which = 3) { return meet(host, which).shown; }
  protocol::NodeState a() const { return aNode("501", first_.port()); }
  protocol::NodeState b() const { return aNode("502", second_.port()); }

  SystemClock clock_;
  NginxDevice proxy_;
  TinyBackend first_{"a"}, second_{"b"};
  std::unique_ptr<Driver> driver_;
  Certificates certificates_;
  LoadBalancerState balancer_ = [this] {
    auto balancer = aBalancer("15", proxy_.port(), {a()});
    balancer.tls = aTermination(proxy_.port(3), certificates_.make());
    return balancer;
  }();
  std::uint64_t generation_ = 0;
  const pid_t pid_ = proxy_.master();
};

TEST_F(NginxTls, ALoadBalancerServesByTlsBesideItsPlainPort) {
  becomes(Mechanism::Runtime);
  const auto met = meet();
  EXPECT_EQ(met.shown, shownAs(balancer_.tls->certificate));
  EXPECT_NE(met.answer.find("X-Forwarded-Proto: https"), std::string::npos) << met.answer;
  EXPECT_NE(met.answer.find("X-Forwarded-Port: " + std::to_string(proxy_.port(3))), std::string::npos);
  EXPECT_NE(met.answer.find("X-Forwarded-For: 127.0.0.1"), std::string::npos);
  const auto plain = httpGet(proxy_.port());
  EXPECT_NE(plain.body.find("X-Forwarded-Proto: http\r\n"), std::string::npos) << plain.body;
  ++generation_;
  EXPECT_EQ(driver_->apply(aDevice(1, {balancer_}))->mechanism, Mechanism::None);
}

TEST_F(NginxTls, ATcpLoadBalancerHandsOnWhatTlsCarried) {
  balancer_.protocol = Protocol::Tcp;
  becomes(Mechanism::Runtime);
  const auto met = meet();
  EXPECT_EQ(met.shown, shownAs(balancer_.tls->certificate));
  EXPECT_NE(met.answer.find("a\n"), std::string::npos) << met.answer;
}

TEST_F(NginxTls, WhoAsksForAHostIsShownItsCertificateEverybodyElseTheFirst) {
  auto& tls = *balancer_.tls;
  tls.mappings = {certificates_.make("b.example", "b.example"), certificates_.make("*.wild.example", "wild")};
  becomes(Mechanism::Runtime);
  EXPECT_EQ(shown("b.example"), shownAs(tls.mappings[0]));
  EXPECT_EQ(shown("X.Wild.example"), shownAs(tls.mappings[1]));
  for (const char* host : {kNone, "a.example", "wild.example", "c.b.example", "x.y.wild.example"})
    EXPECT_EQ(shown(host), shownAs(tls.certificate)) << host;

  tls.mappings[0] = certificates_.make("b.example", "b.example");  // rotated
  tls.mappings.push_back(certificates_.make("c.example", "c.example"));
  becomes(Mechanism::Runtime);
  EXPECT_EQ(shown("b.example"), shownAs(tls.mappings[0]));
  EXPECT_EQ(shown("c.example"), shownAs(tls.mappings[2]));

  tls.mappings.erase(tls.mappings.begin());
  becomes(Mechanism::Runtime);
  EXPECT_EQ(shown("b.example"), shownAs(tls.certificate));
}

TEST_F(NginxTls, ACertificateIsRotatedUnderAKeptConnection) {
  becomes(Mechanism::Runtime);
  RawClient kept(proxy_.port(3), *tls::unverifiedClientContext());
  const auto ask_kept = [&] {
    kept.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    return kept.readAnswer().substr(0, 12);
  };
  EXPECT_EQ(ask_kept(), "HTTP/1.1 200");
  for (int i = 0; i < 5; ++i) {
    balancer_.tls->certificate = certificates_.make();
    becomes(Mechanism::Runtime);
    EXPECT_EQ(shown(), shownAs(balancer_.tls->certificate));
  }
  EXPECT_EQ(ask_kept(), "HTTP/1.1 200");
}

TEST_F(NginxTls, NobodyIsShownTheCertificateOfAnother) {
  auto other = aBalancer("16", proxy_.port(1), {b()});
  other.tls = aTermination(proxy_.port(2), certificates_.make("", "other"));
  other.tls->mappings = {certificates_.make("b.example", "other's")};
  becomes(Mechanism::Runtime, {balancer_, other});
  EXPECT_EQ(shown("b.example"), shownAs(balancer_.tls->certificate));
  EXPECT_EQ(shown("b.example", 2), shownAs(other.tls->mappings[0]));
  EXPECT_EQ(shown(kNone, 2), shownAs(other.tls->certificate));

  RawClient waiting(proxy_.port(3));  // in the middle of coming when the port is another's
  std::swap(balancer_.tls->port, other.tls->port);
  becomes(Mechanism::Runtime, {balancer_, other});
  EXPECT_EQ(shown("b.example"), shownAs(other.tls->mappings[0]));
  EXPECT_EQ(shown("b.example", 2), shownAs(balancer_.tls->certificate));
}

TEST_F(NginxTls, SecureOnlyAndTheRedirectCloseThePlainPort) {
  balancer_.tls->secure_only = true;
  becomes(Mechanism::Runtime);
  EXPECT_EQ(httpGet(proxy_.port()).status, 0);
  EXPECT_NE(meet().answer.find("200 OK"), std::string::npos);

  balancer_.https_redirect = true;
  becomes(Mechanism::Runtime);
  KeptConnection kept(proxy_.port());
  const auto redirected = kept.get("/a?b=c&d=%0d%0a");
  EXPECT_EQ(redirected.status, 301);
  EXPECT_NE(redirected.head.find("Location: https://test:" + std::to_string(proxy_.port(3)) + "/a?b=c&d=%0d%0a"),
            std::string::npos)
      << redirected.head;
  RawClient nameless(proxy_.port());
  nameless.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(nameless.readAnswer().substr(9, 3), "400");

  balancer_.https_redirect = balancer_.tls->secure_only = false;
  becomes(Mechanism::Runtime);
  EXPECT_EQ(kept.get().status, 200);
  balancer_.https_redirect = true;
  becomes(Mechanism::Runtime);
  EXPECT_EQ(kept.get().status, 301);
}

TEST_F(NginxTls, TlsThatIsNotEnabledIsNotServed) {
  becomes(Mechanism::Runtime);
  balancer_.tls->enabled = false;
  becomes(Mechanism::Runtime);
  EXPECT_EQ(shown(), "");
  EXPECT_EQ(httpGet(proxy_.port()).status, 200);
}

TEST_F(NginxTls, WhoSpeaksNoTlsAtTheSecurePortIsTurnedAway) {
  becomes(Mechanism::Runtime);
  EXPECT_EQ(httpGet(proxy_.port(3)).status, 400);
  EXPECT_EQ(first_.connections(), 0);
  EXPECT_EQ(shown(kNone, 0), "") << "nor TLS at the plain one";
}

TEST_F(NginxTls, AccessListThrottleAndSuspensionHoldForTlsToo) {
  balancer_.access_list = {{*NetAddress::parse("127.0.0.0"), 8, false}};
  becomes(Mechanism::Runtime);
  EXPECT_EQ(shown(), "");
  balancer_.access_list.clear();
  balancer_.throttle = protocol::ThrottleState{1, 0, 0, std::chrono::seconds(1)};
  becomes(Mechanism::Runtime);
  RawClient one(proxy_.port(3), *tls::unverifiedClientContext());
  EXPECT_TRUE(one.connected()) << "counted once";
  EXPECT_EQ(shown(), "");
  balancer_.throttle.reset();
  becomes(Mechanism::Runtime);
  EXPECT_NE(shown(), "");
  balancer_.suspended = true;
  becomes(Mechanism::Runtime);
  EXPECT_EQ(shown(), "");
}

TEST_F(NginxTls, ACertificateThatCannotBeServedIsRefusedWithAReason) {
  const auto good = certificates_.make(), other = certificates_.make();
  struct Row {
    const char* why;
    CertificateState certificate;
  };
  for (const auto& row :
       std::vector<Row>{{"the private key is not that of the certificate", {"", good.certificate, "", other.key}},
                        {"the certificate is not readable", {"", "", "", good.key}},
                        {"the private key is not readable", {"", good.certificate, "", Secret("")}},
                        {"an intermediate certificate is not readable", {"", good.certificate, "hello", good.key}}}) {
    balancer_.tls->certificate = row.certificate;
    const auto applied = driver_->apply(aDevice(9, {balancer_}));
    ASSERT_FALSE(applied) << row.why;
    EXPECT_EQ(applied.error().code, ErrorCode::Invalid);
    EXPECT_NE(applied.error().message.find(row.why), std::string::npos) << applied.error().message;
  }
}

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
  balancer_.nodes.push_back(draining(b(), now + std::chrono::seconds(1)));
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
