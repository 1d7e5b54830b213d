#pragma once

#include <openssl/x509.h>

#include <string>
#include <vector>

namespace libra::tls {

// The alternative names in a certificate, which may be anybody's; none of them holds a
// zero byte.
std::vector<std::string> dnsNames(const X509* certificate);
std::vector<std::string> uris(const X509* certificate);

}  // namespace libra::tls
