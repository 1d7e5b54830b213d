#include "lib/tls/context.h"
#include "lib/tls/names.h"

namespace libra::tls {

namespace {

const X509* verifiedPeer(const SSL* session) {
  return SSL_get_verify_result(session) == X509_V_OK ? SSL_get0_peer_certificate(session) : nullptr;
}

}  // namespace

std::vector<std::string> peerDnsNames(const SSL* session) {
  const X509* peer = verifiedPeer(session);
  return peer ? dnsNames(peer) : std::vector<std::string>();
}

std::vector<std::string> peerUris(const SSL* session) {
  const X509* peer = verifiedPeer(session);
  return peer ? uris(peer) : std::vector<std::string>();
}

}  // namespace libra::tls
