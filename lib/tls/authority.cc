#include "lib/tls/authority.h"

#include <openssl/ec.h>
#include <openssl/x509v3.h>

#include "lib/base/files.h"
#include "lib/tls/pem.h"

namespace libra::tls {

namespace {

using CertificateRequest = std::unique_ptr<X509_REQ, FreeWith<X509_REQ_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>>;
using GeneralName = std::unique_ptr<GENERAL_NAME, FreeWith<GENERAL_NAME_free>>;
using GeneralNames = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;
using BigNumber = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;

bool addExtension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// Made by hand, not from a configuration text in which a name could hold more names.
bool addName(GENERAL_NAMES* names, int type, std::string_view text) {
  GeneralName name(GENERAL_NAME_new());
  if (!name || text.empty() || text.find('\0') != text.npos) return false;
  void* value = nullptr;
  if (type == GEN_IPADD) {
    value = a2i_IPADDRESS(std::string(text).c_str());
  } else {
    ASN1_IA5STRING* string = ASN1_IA5STRING_new();
    if (string) ASN1_STRING_set(string, text.data(), static_cast<int>(text.size()));
    value = string;
  }
  if (value == nullptr) return false;
  GENERAL_NAME_set0_value(name.get(), type, value);
  if (sk_GENERAL_NAME_push(names, name.get()) == 0) return false;
  (void)name.release();  // of the list now
  return true;
}

bool addNames(X509* certificate, const Subject& subject) {
  const GeneralNames names(GENERAL_NAMES_new());
  if (!names) return false;
  for (const auto& dns : subject.dns)
    if (!addName(names.get(), GEN_DNS, dns)) return false;
  for (const auto& ip : subject.ip)
    if (!addName(names.get(), GEN_IPADD, ip)) return false;
  for (const auto& uri : subject.uri)
    if (!addName(names.get(), GEN_URI, uri)) return false;
  return sk_GENERAL_NAME_num(names.get()) == 0 ||
         X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_APPEND) == 1;
}

bool setSerial(X509* certificate) {
  const BigNumber number(BN_new());
  return number && BN_rand(number.get(), 159, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool setValidity(X509* certificate, const Validity& validity) {
  const auto seconds = [](Time time) { return std::chrono::system_clock::to_time_t(time); };
  return ASN1_TIME_set(X509_getm_notBefore(certificate), seconds(validity.from)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), seconds(validity.until)) != nullptr;
}

// What leaves and authorities have in common; null when the name cannot stand.
Certificate newCertificate(const std::string& common_name, EVP_PKEY* key, const Validity& validity) {
  Certificate certificate(X509_new());
  if (!certificate || X509_set_version(certificate.get(), X509_VERSION_3) != 1) return nullptr;
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.data());
  const bool done =
      setSerial(certificate.get()) && setValidity(certificate.get(), validity) &&
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, static_cast<int>(common_name.size()), -1, 0) == 1 &&
      X509_set_pubkey(certificate.get(), key) == 1;
  return done ? std::move(certificate) : nullptr;
}

Result<std::string> toPem(X509* certificate) {
  const Bio text(BIO_new(BIO_s_mem()));
  if (!text || PEM_write_bio_X509(text.get(), certificate) != 1) return refused("cannot encode the certificate");
  return written(text.get());
}

Result<std::string> toPem(EVP_PKEY* key) {
  const Bio text(BIO_new(BIO_s_secmem()));
  if (!text || PEM_write_bio_PrivateKey(text.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return refused("cannot encode the key");
  return written(text.get());
}

Result<Identity> toPem(X509* certificate, EVP_PKEY* key) {
  auto certificate_text = toPem(certificate);
  if (!certificate_text) return certificate_text.error();
  auto key_text = toPem(key);
  if (!key_text) return key_text.error();
  return Identity{*std::move(certificate_text), *std::move(key_text)};
}

struct Issuer {
  Certificate certificate;
  Key key;
};

Result<Issuer> parse(const Identity& authority) {
  Issuer issuer{Certificate(PEM_read_bio_X509(reading(authority.certificate).get(), nullptr, noPassword, nullptr)),
                Key(PEM_read_bio_PrivateKey(reading(authority.key).get(), nullptr, noPassword, nullptr))};
  if (!issuer.certificate || !issuer.key) return refused("the authority's certificate or key is no PEM");
  if (X509_check_private_key(issuer.certificate.get(), issuer.key.get()) != 1)
    return refused("the authority's key does not belong to its certificate");
  if (X509_check_ca(issuer.certificate.get()) != 1) return refused("the authority's certificate is not that of a CA");
  return issuer;
}

std::string keyUses(const Subject& subject) {
  std::string uses = subject.server ? "serverAuth" : "";
  if (subject.client) uses += uses.empty() ? "clientAuth" : ",clientAuth";
  return uses;
}

bool addLeafExtensions(X509* leaf, X509* issuer, const Subject& subject) {
  const std::string uses = keyUses(subject);
  return addExtension(leaf, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
         addExtension(leaf, issuer, NID_key_usage, "critical,digitalSignature,keyAgreement") &&
         (uses.empty() || addExtension(leaf, issuer, NID_ext_key_usage, uses.c_str())) &&
         addExtension(leaf, issuer, NID_subject_key_identifier, "hash") &&
         addExtension(leaf, issuer, NID_authority_key_identifier, "keyid:always") && addNames(leaf, subject);
}

Result<Certificate> signLeaf(const Identity& authority, EVP_PKEY* key, const Subject& subject,
                             const Validity& validity) {
  const auto issuer = parse(authority);
  if (!issuer) return issuer.error();
  Certificate leaf = newCertificate(subject.common_name, key, validity);
  if (!leaf || X509_set_issuer_name(leaf.get(), X509_get_subject_name(issuer->certificate.get())) != 1 ||
      !addLeafExtensions(leaf.get(), issuer->certificate.get(), subject) ||
      X509_sign(leaf.get(), issuer->key.get(), EVP_sha256()) == 0)
    return refused("cannot make a certificate for '" + subject.common_name + "'");
  return leaf;
}

}  // namespace

Validity validFor(Time now, int days) { return {now - std::chrono::minutes(5), now + std::chrono::hours(24) * days}; }

Result<Identity> createAuthority(const std::string& common_name, const Validity& validity) {
  const Key key(EVP_EC_gen("P-256"));
  if (!key) return refused("cannot make a key");
  const Certificate self = newCertificate(common_name, key.get(), validity);
  if (!self || X509_set_issuer_name(self.get(), X509_get_subject_name(self.get())) != 1 ||
      !addExtension(self.get(), self.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !addExtension(self.get(), self.get(), NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !addExtension(self.get(), self.get(), NID_subject_key_identifier, "hash") ||
      X509_sign(self.get(), key.get(), EVP_sha256()) == 0)
    return refused("cannot make an authority named '" + common_name + "'");
  return toPem(self.get(), key.get());
}

Result<Identity> issueCertificate(const Identity& authority, const Subject& subject, const Validity& validity) {
  const Key key(EVP_EC_gen("P-256"));
  if (!key) return refused("cannot make a key");
  const auto leaf = signLeaf(authority, key.get(), subject, validity);
  return leaf ? toPem(leaf->get(), key.get()) : leaf.error();
}

Result<Request> createRequest() {
  const Key key(EVP_EC_gen("P-256"));
  const CertificateRequest request(X509_REQ_new());
  const Bio text(BIO_new(BIO_s_mem()));
  if (!key || !request || !text || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
      X509_REQ_set_pubkey(request.get(), key.get()) != 1 ||
      X509_REQ_sign(request.get(), key.get(), EVP_sha256()) == 0 ||
      PEM_write_bio_X509_REQ(text.get(), request.get()) != 1)
    return refused("cannot make a request for a certificate");
  auto key_text = toPem(key.get());
  if (!key_text) return key_text.error();
  return Request{written(text.get()), *std::move(key_text)};
}

Result<std::string> signRequest(const Identity& authority, std::string_view text, const Subject& subject,
                                const Validity& validity) {
  const CertificateRequest request(PEM_read_bio_X509_REQ(reading(text).get(), nullptr, noPassword, nullptr));
  EVP_PKEY* key = request ? X509_REQ_get0_pubkey(request.get()) : nullptr;
  if (key == nullptr || X509_REQ_verify(request.get(), key) != 1)
    return refused("this is no request for a certificate, signed by its key");
  const auto leaf = signLeaf(authority, key, subject, validity);
  return leaf ? toPem(leaf->get()) : Error{ErrorCode::Internal, leaf.error().message, leaf.error().detail};
}

Result<Identity> readIdentity(const std::string& folder, const std::string& name) {
  auto certificate = readFile(folder + "/" + name + ".crt");
  if (!certificate) return certificate.error();
  auto key = readFile(folder + "/" + name + ".key");
  if (!key) return key.error();
  return Identity{*std::move(certificate), *std::move(key)};
}

Result<Files> writeIdentity(const std::string& folder, const std::string& name, const Identity& identity) {
  const Files files{{}, folder + "/" + name + ".crt", folder + "/" + name + ".key"};
  if (auto written = replaceFile(files.key, identity.key, 0600); !written) return written.error();
  if (auto written = replaceFile(files.certificate, identity.certificate); !written) return written.error();
  return files;
}

}  // namespace libra::tls
