#pragma once

#include <string>

#include "lib/protocol/device_state.h"
#include "lib/tls/authority.h"

namespace libra::test {

// Certificates as tenants bring them, all of one authority.
class Certificates {
 public:
  // For `host` ("": the first certificate of a load balancer, for whoever asks for no other).
  // Each has a key of its own, so that no two are alike.
  protocol::CertificateState make(const std::string& host = "", const std::string& name = "www.example.com") const {
    const auto made = *tls::issueCertificate(authority_, {.common_name = name, .dns = {name}}, validity_);
    return {host, made.certificate, {}, Secret(made.key)};
  }
  const std::string& authority() const { return authority_.certificate; }

 private:
  tls::Validity validity_ = tls::validFor(SystemClock().now(), 30);
  tls::Identity authority_ = *tls::createAuthority("tenant's authority", validity_);
};

inline protocol::TlsState aTermination(std::uint16_t port, protocol::CertificateState certificate) {
  return {true, port, false, std::move(certificate), {}};
}

}  // namespace libra::test
