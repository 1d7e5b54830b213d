// TLS towards clients, made and changed in a running proxy, whichever it is.

#include <algorithm>
#include <cctype>

#include "tests/contract/tls_peer.h"
#include "tests/support/driver_world.h"
#include "tests/support/tiny_backend.h"

namespace libra::test {
namespace {

// A header's name may be in either case.
std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

class TlsContract : public testing::TestWithParam<DriverWorldKind>, protected TlsPeer {
 protected:
  TlsContract() { begin(aNode("501", first_.port())); }
  sidecar::Driver& tlsDriver() override { return world_->driver(); }
  std::uint16_t port(std::size_t which = 0) const override { return world_->port(which); }
  pid_t process() const override { return world_->process(); }

  const std::unique_ptr<DriverWorld> world_ = GetParam().make();
  TinyBackend first_{"a"}, second_{"b"};
};

TEST_P(TlsContract, ALoadBalancerServesByTlsBesideItsPlainPort) {
  for (const auto persistence : {Persistence::HttpCookie, Persistence::None}) {
    balancer_.persistence = persistence;
    becomes(Mechanism::Runtime);
    const auto met = meet();
    EXPECT_EQ(met.shown, shownAs(balancer_.tls->certificate));
    EXPECT_NE(lower(met.answer).find("x-forwarded-proto: https"), std::string::npos) << met.answer;
    EXPECT_NE(lower(met.answer).find("x-forwarded-port: " + std::to_string(port(3))), std::string::npos);
    EXPECT_NE(lower(met.answer).find("x-forwarded-for: 127.0.0.1"), std::string::npos);
    const auto plain = httpGet(port());
    EXPECT_NE(lower(plain.body).find("x-forwarded-proto: http\r\n"), std::string::npos) << plain.body;
  }
  EXPECT_EQ(tlsDriver().apply(aDevice(generation_, {balancer_}))->mechanism, Mechanism::None);
}

TEST_P(TlsContract, ATcpLoadBalancerHandsOnWhatTlsCarried) {
  balancer_.protocol = Protocol::Tcp;
  becomes(Mechanism::Runtime);
  const auto met = meet();
  EXPECT_EQ(met.shown, shownAs(balancer_.tls->certificate));
  EXPECT_NE(met.answer.find("a\n"), std::string::npos) << met.answer;
}

TEST_P(TlsContract, WhoAsksForAHostIsShownItsCertificateEverybodyElseTheFirst) {
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

TEST_P(TlsContract, ACertificateIsRotatedUnderAKeptConnection) {
  becomes(Mechanism::Runtime);
  RawClient kept(port(3), *tls::unverifiedClientContext());
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

TEST_P(TlsContract, NobodyIsShownTheCertificateOfAnother) {
  auto other = aBalancer("16", port(1), {aNode("502", second_.port())});
  other.tls = aTermination(port(2), certificates_.make("", "other"));
  other.tls->mappings = {certificates_.make("b.example", "other's")};
  becomes(Mechanism::Runtime, {balancer_, other});
  EXPECT_EQ(shown("b.example"), shownAs(balancer_.tls->certificate));
  EXPECT_EQ(shown("b.example", 2), shownAs(other.tls->mappings[0]));
  EXPECT_EQ(shown(kNone, 2), shownAs(other.tls->certificate));

  // The port is another's from one moment to the next: a client who is in the middle of
  // coming is turned away or is that one's client.
  RawClient waiting(port(3));
  std::swap(balancer_.tls->port, other.tls->port);
  becomes(Mechanism::Runtime, {balancer_, other});
  EXPECT_EQ(shown("b.example"), shownAs(other.tls->mappings[0]));
  EXPECT_EQ(shown("b.example", 2), shownAs(balancer_.tls->certificate));
}

TEST_P(TlsContract, SecureOnlyAndTheRedirectCloseThePlainPort) {
  balancer_.tls->secure_only = true;
  becomes(Mechanism::Runtime);
  EXPECT_EQ(httpGet(port()).status, 0);
  EXPECT_NE(meet().answer.find("200 OK"), std::string::npos);

  balancer_.https_redirect = true;
  becomes(Mechanism::Runtime);
  KeptConnection kept(port());
  const auto redirected = kept.get("/a?b=c&d=%0d%0a");
  EXPECT_EQ(redirected.status, 301);
  EXPECT_NE(lower(redirected.head).find("location: https://test:" + std::to_string(port(3)) + "/a?b=c&d=%0d%0a"),
            std::string::npos)
      << redirected.head;
  RawClient nameless(port());
  nameless.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(nameless.readAnswer().substr(9, 3), "400");

  balancer_.https_redirect = balancer_.tls->secure_only = false;
  becomes(Mechanism::Runtime);
  EXPECT_EQ(kept.get().status, 200);
  balancer_.https_redirect = true;
  becomes(Mechanism::Runtime);
  EXPECT_EQ(kept.get().status, 301);
}

TEST_P(TlsContract, TlsThatIsNotEnabledIsNotServed) {
  becomes(Mechanism::Runtime);
  balancer_.tls->enabled = false;
  becomes(Mechanism::Runtime);
  EXPECT_EQ(shown(), "");
  EXPECT_EQ(httpGet(port()).status, 200);
}

TEST_P(TlsContract, WhoSpeaksNoTlsAtTheSecurePortIsTurnedAway) {
  becomes(Mechanism::Runtime);
  EXPECT_NE(httpGet(port(3)).status, 200);
  EXPECT_EQ(first_.connections(), 0);
  EXPECT_EQ(shown(kNone, 0), "") << "nor TLS at the plain one";
}

TEST_P(TlsContract, AccessListThrottleAndSuspensionHoldForTlsToo) {
  balancer_.access_list = {{*NetAddress::parse("127.0.0.0"), 8, false}};
  becomes(Mechanism::Runtime);
  EXPECT_EQ(shown(), "");
  balancer_.access_list.clear();
  balancer_.throttle = protocol::ThrottleState{1, 0, 0, std::chrono::seconds(1)};
  becomes(Mechanism::Runtime);
  RawClient one(port(3), *tls::unverifiedClientContext());
  EXPECT_TRUE(one.connected()) << "counted once";
  EXPECT_EQ(shown(), "");
  balancer_.throttle.reset();
  becomes(Mechanism::Runtime);
  EXPECT_NE(shown(), "");
  balancer_.suspended = true;
  becomes(Mechanism::Runtime);
  EXPECT_EQ(shown(), "");
}

TEST_P(TlsContract, ACertificateThatCannotBeServedIsRefusedWithAReason) {
  const auto good = certificates_.make(), other = certificates_.make();
  expectRefused({"", good.certificate, "", other.key}, "the private key is not that of the certificate");
  expectRefused({"", "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n", "", good.key},
                "the certificate is not readable");
  expectRefused({"", "", "", good.key}, "the certificate is not readable");
  expectRefused({"", good.certificate, "", Secret("")}, "the private key is not readable");
  expectRefused({"", good.certificate, "hello", good.key}, "an intermediate certificate is not readable");
}

INSTANTIATE_TEST_SUITE_P(Drivers, TlsContract, testing::ValuesIn(driverWorlds()),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace libra::test
