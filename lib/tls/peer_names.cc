#include <openssl/x509v3.h>

#include "lib/tls/context.h"

namespace libra::tls {

namespace {

using GeneralNames = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;

std::vector<std::string> names(const SSL* session, int type) {
  std::vector<std::string> found;
  X509* certificate = SSL_get0_peer_certificate(session);
  if (certificate == nullptr || SSL_get_verify_result(session) != X509_V_OK) return found;
  const GeneralNames all(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
    int kind = 0;
    const auto* text =
        static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(all.get(), i), &kind));
    if (kind != type) continue;
    std::string name(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                     static_cast<std::size_t>(ASN1_STRING_length(text)));
    if (name.find('\0') == name.npos) found.push_back(std::move(name));
  }
  return found;
}

}  // namespace

std::vector<std::string> peerDnsNames(const SSL* session) { return names(session, GEN_DNS); }
std::vector<std::string> peerUris(const SSL* session) { return names(session, GEN_URI); }

}  // namespace libra::tls
