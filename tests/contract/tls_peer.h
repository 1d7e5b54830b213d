#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "lib/tls/bundle.h"
#include "sidecar/driver.h"
#include "tests/support/certificates.h"
#include "tests/support/comparable.h"
#include "tests/support/device_states.h"
#include "tests/support/raw_client.h"

namespace libra::test {

inline constexpr const char* kNone = "127.0.0.1";  // no name is sent for an address

inline std::string shownAs(const protocol::CertificateState& certificate) {
  return tls::fingerprintOf(certificate.certificate);
}

// What a client of TLS meets that asks for a host.
struct Met {
  std::string shown;  // "": no handshake
  std::string answer;
};

// Beside a fixture with a driver and its proxy: one load balancer that terminates TLS on the
// last port, changed by becomes() and looked at as its clients do.
class TlsPeer {
 protected:
  using Mechanism = sidecar::Mechanism;

  TlsPeer() { std::signal(SIGPIPE, SIG_IGN); }
  virtual ~TlsPeer() = default;
  virtual sidecar::Driver& tlsDriver() = 0;
  virtual std::uint16_t port(std::size_t which = 0) const = 0;
  virtual pid_t process() const = 0;  // stays, whatever changes

  // Once the proxy is there.
  void begin(const protocol::NodeState& node) {
    balancer_ = aBalancer("15", port(), {node});
    balancer_.tls = aTermination(port(3), certificates_.make());
    process_ = process();
  }

  void becomes(Mechanism mechanism) { becomes(mechanism, {balancer_}); }
  void becomes(Mechanism mechanism, std::vector<protocol::LoadBalancerState> balancers) {
    const auto wanted = aDevice(++generation_, std::move(balancers));
    const auto applied = tlsDriver().apply(wanted);
    ASSERT_TRUE(applied) << applied.error().message << ": " << applied.error().detail;
    EXPECT_EQ(applied->mechanism, mechanism);
    EXPECT_EQ(comparable(*tlsDriver().live()), comparable(wanted));
    EXPECT_EQ(process(), process_);
  }

  Met meet(const std::string& host = kNone, std::size_t which = 3) const {
    RawClient client(port(which), *tls::unverifiedClientContext(), host);
    if (!client.connected()) return {};
    client.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
    return {client.shown(), client.readAnswer()};
  }
  // Whatever is answered then: a node may not be there.
  std::string shown(const std::string& host = kNone, std::size_t which = 3) const {
    const RawClient client(port(which), *tls::unverifiedClientContext(), host);
    return client.connected() ? client.shown() : "";
  }

  void expectRefused(const protocol::CertificateState& certificate, const std::string& why) {
    balancer_.tls->certificate = certificate;
    const auto applied = tlsDriver().apply(aDevice(++generation_, {balancer_}));
    ASSERT_FALSE(applied) << why;
    EXPECT_EQ(applied.error().code, ErrorCode::Invalid);
    EXPECT_NE(applied.error().message.find(why), std::string::npos) << applied.error().message;
  }

  Certificates certificates_;
  protocol::LoadBalancerState balancer_;
  std::uint64_t generation_ = 0;

 private:
  pid_t process_ = 0;
};

}  // namespace libra::test
