#include "lib/seal/hand.h"

#include <openssl/cms.h>
#include <openssl/err.h>

#include <algorithm>

#include "lib/base/handles.h"
#include "lib/tls/names.h"
#include "lib/tls/openssl_error.h"

namespace libra::seal {

namespace {

using Bio = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using Cms = std::unique_ptr<CMS_ContentInfo, FreeWith<CMS_ContentInfo_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX_free>>;

void freeList(STACK_OF(X509) * list) { sk_X509_free(list); }
void freeAll(STACK_OF(X509) * list) { sk_X509_pop_free(list, X509_free); }
using List = std::unique_ptr<STACK_OF(X509), FreeWith<freeList>>;

Error failure(ErrorCode code, std::string what) { return Error{code, std::move(what), tls::takeOpensslError()}; }
Error cannot(const char* what) { return failure(ErrorCode::Internal, std::string("cannot ") + what); }
Error invalid(const char* what) { return failure(ErrorCode::Invalid, what); }

Bio reading(std::string_view bytes) { return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))); }
Bio writing() { return Bio(BIO_new(BIO_s_mem())); }

std::string textOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string encoded(CMS_ContentInfo* cms) {
  unsigned char* bytes = nullptr;
  const int size = i2d_CMS_ContentInfo(cms, &bytes);
  if (size <= 0) return {};
  std::string text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return text;
}

// Null: no CMS, or something behind it.
Cms decoded(std::string_view bytes) {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto* end = at + bytes.size();
  Cms cms(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(bytes.size())));
  return at == end ? std::move(cms) : nullptr;
}

bool isOf(const CMS_ContentInfo* cms, int type) { return OBJ_obj2nid(CMS_get0_type(cms)) == type; }

// The default key derivation would hash with SHA-1.
bool addReader(CMS_ContentInfo* cms, const X509& reader) {
  auto* certificate = const_cast<X509*>(&reader);  // only counted
  CMS_RecipientInfo* recipient = CMS_add1_recipient_cert(cms, certificate, CMS_KEY_PARAM);
  EVP_PKEY_CTX* agreement = recipient ? CMS_RecipientInfo_get0_pkey_ctx(recipient) : nullptr;
  return agreement && EVP_PKEY_CTX_set_ecdh_kdf_md(agreement, EVP_sha256()) == 1;
}

// OpenSSL would want certificates made for mail; what ours are for, their names say.
bool isTrusted(const Signer& signer, const tls::Context& identity) {
  const StoreContext context(X509_STORE_CTX_new());
  return context &&
         X509_STORE_CTX_init(context.get(), SSL_CTX_get_cert_store(identity.get()), signer.certificate.get(),
                             signer.enclosed.get()) == 1 &&
         X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_ANY) == 1 && X509_verify_cert(context.get()) == 1;
}

// Null: not signed, or by several.
X509* onlySigner(CMS_ContentInfo* cms) {
  const List signers(CMS_get0_signers(cms));
  return sk_X509_num(signers.get()) == 1 ? sk_X509_value(signers.get(), 0) : nullptr;
}

List certificatesOf(std::span<const Signer> known) {
  List all(sk_X509_new_null());
  for (const auto& signer : known) sk_X509_push(all.get(), signer.certificate.get());
  return all;
}

Signer signerOf(X509* certificate, CMS_ContentInfo* cms, std::span<const Signer> known) {
  for (const auto& signer : known)
    if (signer.certificate.get() == certificate) return signer;
  X509_up_ref(certificate);
  return {{certificate, X509_free}, {CMS_get1_certs(cms), freeAll}, {}, {}};
}

bool confirm(Signer& signer, const tls::Context& identity) {
  const auto now = std::chrono::steady_clock::now();
  if (signer.confirmed_by == identity && now - signer.confirmed < Hand::kConfirmed) return true;
  if (!isTrusted(signer, identity)) return false;
  signer.confirmed_by = identity;
  signer.confirmed = now;
  return true;
}

Result<Opened> verify(std::string_view bytes, const tls::Context& identity, std::span<const Signer> known) {
  const Cms cms = decoded(bytes);
  if (!cms || !isOf(cms.get(), NID_pkcs7_signed)) return invalid("not signed");
  const Bio content = writing();
  if (CMS_verify(cms.get(), certificatesOf(known).get(), nullptr, nullptr, content.get(),
                 CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) != 1)
    return invalid("the signature is wrong, or of somebody unknown");
  X509* certificate = onlySigner(cms.get());
  if (!certificate) return invalid("not signed by one");
  Signer signer = signerOf(certificate, cms.get(), known);
  if (!confirm(signer, identity)) return invalid("signed by a stranger");
  return Opened{textOf(content.get()), std::move(signer), false};
}

Result<std::string> signedBy(const tls::Context& identity, std::string_view content, Hand::Enclose enclose) {
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(identity.get(), &chain);
  const bool bare = enclose == Hand::Enclose::Nothing;
  const unsigned flags = CMS_BINARY | CMS_NOATTR | (bare ? CMS_NOCERTS : 0);
  const Cms cms(CMS_sign(SSL_CTX_get0_certificate(identity.get()), SSL_CTX_get0_privatekey(identity.get()),
                         bare ? nullptr : chain, reading(content).get(), flags));
  auto envelope = cms ? encoded(cms.get()) : std::string();
  if (envelope.empty()) return cannot("sign");
  return envelope;
}

}  // namespace

bool Signer::is(std::string_view uri) const {
  const auto names = tls::uris(certificate.get());
  return std::find(names.begin(), names.end(), uri) != names.end();
}

Result<Hand> Hand::open(const tls::Files& files) {
  auto identity = tls::ReloadingContext::open(files, tls::ReloadingContext::Role::Client);
  if (!identity) return identity.error();
  if (SSL_CTX_get0_certificate((*identity)->current().get()) == nullptr)
    return Error{ErrorCode::Invalid, "sealed jobs need a certificate"};
  return Hand(*std::move(identity));
}

Result<std::string> Hand::sign(std::string_view content) const {
  ERR_clear_error();
  return signedBy(identity_->current(), content, Enclose::Certificate);
}

Result<std::string> Hand::seal(std::string_view content, const X509& reader, Enclose enclose) const {
  ERR_clear_error();
  const auto inner = signedBy(identity_->current(), content, enclose);
  if (!inner) return inner;
  const Cms cms(CMS_encrypt(nullptr, nullptr, EVP_aes_256_gcm(), CMS_BINARY | CMS_PARTIAL));
  if (!cms || !addReader(cms.get(), reader) || CMS_final(cms.get(), reading(*inner).get(), nullptr, CMS_BINARY) != 1)
    return cannot("encrypt");
  auto envelope = encoded(cms.get());
  if (envelope.empty()) return cannot("encode the envelope");
  return envelope;
}

Result<Opened> Hand::open(std::string_view envelope, std::span<const Signer> known) const {
  ERR_clear_error();
  const auto identity = identity_->current();
  const Cms cms = decoded(envelope);
  if (!cms) return invalid("no envelope");
  if (!isOf(cms.get(), NID_id_smime_ct_authEnvelopedData)) return verify(envelope, identity, known);
  const Bio inner = writing();
  if (CMS_decrypt(cms.get(), SSL_CTX_get0_privatekey(identity.get()), SSL_CTX_get0_certificate(identity.get()), nullptr,
                  inner.get(), 0) != 1)
    return invalid("not for our key");
  auto opened = verify(textOf(inner.get()), identity, known);
  if (opened) opened->secret = true;
  return opened;
}

}  // namespace libra::seal
