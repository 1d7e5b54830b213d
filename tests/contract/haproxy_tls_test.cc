// TLS towards clients and nodes, made and changed in a running HAProxy.

#include <algorithm>
#include <csignal>

#include "lib/base/files.h"
#include "lib/tls/bundle.h"
#include "tests/contract/driver_contract.h"
#include "tests/contract/haproxy_world.h"
#include "tests/support/certificates.h"
#include "tests/support/raw_client.h"

namespace libra::sidecar {
namespace {

using namespace libra::test;
using protocol::CertificateState;
using protocol::DeviceState;
using protocol::LoadBalancerState;

std::string shownAs(const CertificateState& certificate) { return tls::fingerprintOf(certificate.certificate); }

// What a client of TLS meets that asks for a host.
struct Met {
  std::string shown;  // "": no handshake
  std::string answer;
};

class HaproxyTls : public HaproxyWorld {
 protected:
  HaproxyTls() { std::signal(SIGPIPE, SIG_IGN); }

  static constexpr const char* kNone = "127.0.0.1";  // no name is sent for an address

  void becomes(Mechanism mechanism) { becomes(mechanism, {balancer_}); }
  void becomes(Mechanism mechanism, std::vector<LoadBalancerState> balancers) {
    const auto wanted = aDevice(++generation_, std::move(balancers));
    EXPECT_EQ(apply(wanted).mechanism, mechanism);
    EXPECT_EQ(comparable(*driver_->live()), comparable(wanted));
    EXPECT_EQ(proxy_.pid(), pid_);
  }

  Met meet(const std::string& host = kNone, std::size_t which = 3) {
    RawClient client(proxy_.port(which), *tls::unverifiedClientContext(), host);
    if (!client.connected()) return {};
    client.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
    return {client.shown(), client.readAnswer()};
  }
  std::string shown(const std::string& host = kNone, std::size_t which = 3) { return meet(host, which).shown; }

  // Everything that waits for its time has been done.
  void settle() {
    for (int i = 0; i < 3; ++i) (void)driver_->tick();
  }
  std::size_t linesOf(const std::string& command) {
    const auto answer = ask(command);
    return static_cast<std::size_t>(std::count(answer.begin(), answer.end(), '\n'));
  }

  Certificates certificates_;
  LoadBalancerState balancer_ = [this] {
    auto balancer = aBalancer("15", proxy_.port(), {a()});
    balancer.tls = aTermination(proxy_.port(3), certificates_.make());
    return balancer;
  }();
  std::uint64_t generation_ = 0;
  const pid_t pid_ = proxy_.pid();
};

TEST_F(HaproxyTls, ALoadBalancerServesByTlsBesideItsPlainPort) {
  becomes(Mechanism::Runtime);
  const auto met = meet();
  EXPECT_EQ(met.shown, shownAs(balancer_.tls->certificate));
  EXPECT_NE(met.answer.find("x-forwarded-proto: https"), std::string::npos) << met.answer;
  EXPECT_NE(met.answer.find("x-forwarded-port: " + std::to_string(proxy_.port(3))), std::string::npos);
  EXPECT_NE(met.answer.find("x-forwarded-for: 127.0.0.1"), std::string::npos);
  const auto plain = httpGet(proxy_.port());
  EXPECT_NE(plain.body.find("x-forwarded-proto: http\r\n"), std::string::npos) << plain.body;
  becomes(Mechanism::None);
}

TEST_F(HaproxyTls, ATcpLoadBalancerHandsOnWhatTlsCarried) {
  balancer_.protocol = Protocol::Tcp;
  becomes(Mechanism::Runtime);
  const auto met = meet();
  EXPECT_EQ(met.shown, shownAs(balancer_.tls->certificate));
  EXPECT_NE(met.answer.find("a\n"), std::string::npos) << met.answer;
}

TEST_F(HaproxyTls, WhoAsksForAHostIsShownItsCertificateEverybodyElseTheFirst) {
  auto& tls = *balancer_.tls;
  tls.mappings = {certificates_.make("b.example", "b.example"), certificates_.make("*.wild.example", "wild")};
  becomes(Mechanism::Runtime);
  EXPECT_EQ(shown("b.example"), shownAs(tls.mappings[0]));
  EXPECT_EQ(shown("X.Wild.example"), shownAs(tls.mappings[1]));
  for (const char* host : {kNone, "a.example", "wild.example", "c.b.example"})
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

TEST_F(HaproxyTls, ACertificateIsRotatedInPlaceUnderAKeptConnection) {
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

TEST_F(HaproxyTls, AChainIsExchangedEvenIfTheCertificateStays) {
  balancer_.tls->certificate.intermediates = certificates_.authority();
  becomes(Mechanism::Runtime);
  EXPECT_NE(ask("show ssl cert tls/t1.pem").find("Chain Subject"), std::string::npos);
  balancer_.tls->certificate.intermediates.clear();
  becomes(Mechanism::Runtime);
  EXPECT_EQ(ask("show ssl cert tls/t1.pem").find("Chain Subject"), std::string::npos);
}

TEST_F(HaproxyTls, NobodyIsShownTheCertificateOfAnother) {
  auto other = aBalancer("16", proxy_.port(1), {b()});
  other.tls = aTermination(proxy_.port(2), certificates_.make("", "other"));
  other.tls->mappings = {certificates_.make("b.example", "other's")};
  becomes(Mechanism::Runtime, {balancer_, other});
  EXPECT_EQ(shown("b.example"), shownAs(balancer_.tls->certificate));
  EXPECT_EQ(shown("b.example", 2), shownAs(other.tls->mappings[0]));
  EXPECT_EQ(shown(kNone, 2), shownAs(other.tls->certificate));

  // The port is another's from one moment to the next: a client who is in the middle of
  // coming is turned away or is that one's client.
  RawClient waiting(proxy_.port(3));
  std::swap(balancer_.tls->port, other.tls->port);
  becomes(Mechanism::Runtime, {balancer_, other});
  EXPECT_EQ(shown("b.example"), shownAs(other.tls->mappings[0]));
  EXPECT_EQ(shown("b.example", 2), shownAs(balancer_.tls->certificate));
}

TEST_F(HaproxyTls, AListenerThatWasLeftIsTakenByAnotherOnlyWhenItWasCleaned) {
  becomes(Mechanism::Runtime);
  auto other = aBalancer("16", proxy_.port(1), {b()});
  other.tls = aTermination(proxy_.port(3), certificates_.make("", "other"));
  becomes(Mechanism::Runtime, {other});
  EXPECT_EQ(shown(), shownAs(other.tls->certificate));
  EXPECT_NE(ask("show ssl cert tls/t1.pem").find(shownAs(balancer_.tls->certificate)), std::string::npos);
  settle();
  EXPECT_EQ(ask("show ssl cert tls/t1.pem").find(shownAs(balancer_.tls->certificate)), std::string::npos);
  EXPECT_EQ(shown(), shownAs(other.tls->certificate));
}

TEST_F(HaproxyTls, NothingIsLeftOfLoadBalancersThatHaveGone) {
  const auto stores = linesOf("show ssl cert"), authorities = linesOf("show ssl ca-file");
  for (int i = 0; i < 3; ++i) {
    balancer_.tls->certificate = certificates_.make();
    balancer_.tls->mappings = {certificates_.make("b.example"), certificates_.make("*.c.example")};
    balancer_.nodes[0].tls = true;
    balancer_.node_tls = {true, certificates_.authority(), "node.example"};
    becomes(Mechanism::Runtime);
    becomes(Mechanism::Runtime, {});
    EXPECT_EQ(shown(), "");
    settle();
    EXPECT_EQ(linesOf("show ssl cert"), stores);
    EXPECT_EQ(ask("show map certificate.map"), "");
  }
  EXPECT_LE(linesOf("show ssl ca-file"), authorities + 1) << "servers in quarantine need it, all of them the same";
}

TEST_F(HaproxyTls, SecureOnlyAndTheRedirectCloseThePlainPort) {
  balancer_.tls->secure_only = true;
  becomes(Mechanism::Runtime);
  EXPECT_EQ(httpGet(proxy_.port()).status, 0);
  EXPECT_NE(meet().answer.find("200 OK"), std::string::npos);

  balancer_.https_redirect = true;
  becomes(Mechanism::Runtime);
  KeptConnection kept(proxy_.port());
  const auto redirected = kept.get("/a?b=c&d=%0d%0a");
  EXPECT_EQ(redirected.status, 301);
  EXPECT_NE(redirected.head.find("location: https://test:" + std::to_string(proxy_.port(3)) + "/a?b=c&d=%0d%0a"),
            std::string::npos)
      << redirected.head;

  balancer_.https_redirect = balancer_.tls->secure_only = false;
  becomes(Mechanism::Runtime);
  EXPECT_EQ(kept.get().status, 200);
  balancer_.https_redirect = true;
  becomes(Mechanism::Runtime);
  EXPECT_EQ(kept.get().status, 301);
}

TEST_F(HaproxyTls, TlsThatIsNotEnabledIsNotServed) {
  becomes(Mechanism::Runtime);
  balancer_.tls->enabled = false;
  becomes(Mechanism::Runtime);
  EXPECT_EQ(shown(), "");
  EXPECT_EQ(httpGet(proxy_.port()).status, 200);
}

TEST_F(HaproxyTls, WhoSpeaksNoTlsAtTheSecurePortIsTurnedAway) {
  becomes(Mechanism::Runtime);
  EXPECT_EQ(httpGet(proxy_.port(3)).status, 0);
  EXPECT_EQ(shown(kNone, 0), "") << "nor TLS at the plain one";
}

TEST_F(HaproxyTls, AccessListThrottleAndSuspensionHoldForTlsToo) {
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

TEST_F(HaproxyTls, ACertificateThatCannotBeServedIsRefusedWithAReason) {
  const auto good = certificates_.make(), other = certificates_.make();
  struct Row {
    const char* why;
    CertificateState certificate;
  };
  const Row rows[] = {
      {"the private key is not that of the certificate", {"", good.certificate, "", other.key}},
      {"the certificate is not readable",
       {"", "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n", "", good.key}},
      {"the certificate is not readable", {"", "", "", good.key}},
      {"the private key is not readable", {"", good.certificate, "", Secret("")}},
      {"an intermediate certificate is not readable", {"", good.certificate, "hello", good.key}},
      {"too long",
       {"", good.certificate,
        [&] {
          std::string chain;
          while (chain.size() < 15'000) chain += good.certificate;
          return chain;
        }(),
        good.key}},
  };
  for (const auto& row : rows) {
    balancer_.tls->certificate = row.certificate;
    const auto applied = driver_->apply(aDevice(9, {balancer_}));
    ASSERT_FALSE(applied) << row.why;
    EXPECT_EQ(applied.error().code, ErrorCode::Invalid);
    EXPECT_NE(applied.error().message.find(row.why), std::string::npos) << applied.error().message;
  }
}

TEST_F(HaproxyTls, WhatSomebodyDidToACertificateIsRepairedAndTold) {
  balancer_.tls->mappings = {certificates_.make("b.example")};
  becomes(Mechanism::Runtime);
  const auto foreign = certificates_.make();
  auto socket = *haproxy::RuntimeSocket::open(proxy_.config().stats_socket, clock_);
  const Secret bundle(foreign.certificate + foreign.key.reveal());
  const auto run = [&](const std::string& command) { EXPECT_TRUE(socket.run({command})); };
  const auto repaired = [&](const std::string& thing) {
    const auto changed = apply(aDevice(generation_, {balancer_})).changed;
    EXPECT_NE(std::find(changed.begin(), changed.end(), thing), changed.end()) << thing;
    EXPECT_EQ(shown(), shownAs(balancer_.tls->certificate));
    EXPECT_EQ(shown("b.example"), shownAs(balancer_.tls->mappings[0]));
    becomes(Mechanism::None);
  };
  ASSERT_TRUE(socket.run("set ssl cert tls/t1.pem", bundle));
  run("commit ssl cert tls/t1.pem");
  EXPECT_EQ(shown(), shownAs(foreign));
  repaired("tls/t1.pem");
  run("del ssl crt-list tls/t1.list tls/t1/b.example");
  repaired("tls/t1/b.example");
  run("del ssl crt-list tls/t1.list tls/t1/b.example");
  run("del ssl cert tls/t1/b.example");
  repaired("tls/t1/b.example");
  run("del map certificate.map tls/t1/b.example");
  repaired("certificate.map tls/t1/b.example");
  ASSERT_TRUE(socket.run("set ssl cert tls/t7.pem", bundle)) << "a change that nobody ends";
  balancer_.tls->certificate = certificates_.make();
  becomes(Mechanism::Runtime);
  EXPECT_EQ(shown(), shownAs(balancer_.tls->certificate));
}

TEST_F(HaproxyTls, AColdStartServesTheSameCertificates) {
  balancer_.tls->mappings = {certificates_.make("*.b.example")};
  balancer_.nodes[0].tls = true;
  balancer_.node_tls = {true, certificates_.authority(), "node.example"};
  becomes(Mechanism::Runtime);
  const auto wanted = aDevice(generation_, {balancer_});
  ASSERT_TRUE(driver_->writeColdStart(wanted));
  proxy_.kill();
  proxy_.start();
  EXPECT_EQ(comparable(*driver_->live()), comparable(wanted));
  EXPECT_EQ(apply(wanted).mechanism, Mechanism::None);
  EXPECT_EQ(shown(), shownAs(balancer_.tls->certificate));
  EXPECT_EQ(shown("x.b.example"), shownAs(balancer_.tls->mappings[0]));
}

TEST_F(HaproxyTls, KeysAreNoBodyElsesToRead) {
  becomes(Mechanism::Runtime);
  const auto key = balancer_.tls->certificate.key.reveal();
  const auto line = key.substr(key.find('\n', key.find('\n') + 1) + 1, 40);  // the first are alike
  const auto holds = [&](const std::filesystem::path& file) { return readFile(file)->find(line) != std::string::npos; };
  const auto wanted = aDevice(generation_, {balancer_});
  ASSERT_TRUE(driver_->writeColdStart(wanted));
  int holding = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(proxy_.config().directory)) {
    if (!file.is_regular_file() || !holds(file.path())) continue;
    ++holding;
    EXPECT_EQ(file.status().permissions() & std::filesystem::perms::others_all, std::filesystem::perms::none);
  }
  EXPECT_EQ(holding, 1);
  EXPECT_EQ(driver_->explain()->find(line), std::string::npos);
  EXPECT_EQ(proxy_.log().find(line), std::string::npos);

  ASSERT_TRUE(driver_->writeColdStart(aDevice(generation_, {})));
  for (const auto& file : std::filesystem::recursive_directory_iterator(proxy_.config().directory))
    EXPECT_FALSE(file.is_regular_file() && holds(file.path())) << "left on the disk: " << file.path();
}

}  // namespace
}  // namespace libra::sidecar
