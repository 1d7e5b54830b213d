#include "lib/tls/names.h"

#include <openssl/x509v3.h>

#include <memory>

#include "lib/base/handles.h"

namespace libra::tls {

namespace {

using GeneralNames = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;

std::vector<std::string> names(const X509* certificate, int type) {
  std::vector<std::string> found;
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

std::vector<std::string> dnsNames(const X509* certificate) { return names(certificate, GEN_DNS); }
std::vector<std::string> uris(const X509* certificate) { return names(certificate, GEN_URI); }

}  // namespace libra::tls
