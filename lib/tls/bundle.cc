#include "lib/tls/bundle.h"

#include <openssl/err.h>
#include <openssl/sha.h>

#include <memory>
#include <vector>

#include "lib/tls/context.h"
#include "lib/tls/pem.h"

namespace libra::tls {

namespace {

using Certificates = std::vector<Certificate>;

std::string hex(const unsigned char (&digest)[SHA_DIGEST_LENGTH]) {
  constexpr const char* kDigits = "0123456789ABCDEF";
  std::string text;
  for (const unsigned char byte : digest) text.append({kDigits[byte >> 4], kDigits[byte & 15]});
  return text;
}

// Up to the end of the text; whatever stands between them is skipped.
Result<Certificates> readCertificates(const std::string& text, const char* refusal) {
  ERR_clear_error();
  Certificates read;
  const auto from = reading(text);
  while (X509* next = PEM_read_bio_X509(from.get(), nullptr, noPassword, nullptr)) read.emplace_back(next);
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!at_end || (read.empty() && !text.empty())) return refused(refusal);
  ERR_clear_error();
  return read;
}

std::string textOf(const Certificates& certificates, std::size_t first, std::size_t end) {
  const Bio to(BIO_new(BIO_s_mem()));
  for (std::size_t i = first; i < end; ++i) PEM_write_bio_X509(to.get(), certificates[i].get());
  return written(to.get());
}

// As a server would use them, so that whatever OpenSSL refuses there is refused here.
Status tryOut(const Certificates& chain, EVP_PKEY* key) {
  static const Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  const Session session(context ? SSL_new(context.get()) : nullptr);
  if (!session) return refused("TLS is not available");
  if (SSL_use_certificate(session.get(), chain.front().get()) != 1) return refused("the certificate cannot be used");
  if (SSL_use_PrivateKey(session.get(), key) != 1) return refused("the private key is not that of the certificate");
  for (std::size_t i = 1; i < chain.size(); ++i)
    if (SSL_add1_chain_cert(session.get(), chain[i].get()) != 1)
      return refused("an intermediate certificate cannot be used");
  return ok();
}

}  // namespace

Result<Bundle> understood(const Bundle& given) {
  auto chain = readCertificates(given.certificate, "the certificate is not readable");
  if (!chain) return chain.error();
  auto more = readCertificates(given.intermediates, "an intermediate certificate is not readable");
  if (!more) return more.error();
  const auto from = reading(given.key.reveal());
  const Key key(PEM_read_bio_PrivateKey(from.get(), nullptr, noPassword, nullptr));
  if (!key) return refused("the private key is not readable");
  if (chain->empty()) return refused("the certificate is not readable");
  for (auto& certificate : *more) chain->push_back(std::move(certificate));
  if (auto status = tryOut(*chain, key.get()); !status) return status.error();

  const Bio to(BIO_new(BIO_s_secmem()));
  if (PEM_write_bio_PKCS8PrivateKey(to.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return refused("the private key cannot be used");
  return Bundle{textOf(*chain, 0, 1), textOf(*chain, 1, chain->size()), Secret(written(to.get()))};
}

Result<std::string> understoodAuthorities(const std::string& given) {
  const auto read = readCertificates(given, "the authority's certificate is not readable");
  if (!read) return read.error();
  if (read->empty()) return refused("the authority's certificate is not readable");
  return textOf(*read, 0, read->size());
}

std::string fingerprintOf(const std::string& certificate) {
  ERR_clear_error();
  const auto from = reading(certificate);
  char *name = nullptr, *header = nullptr;
  unsigned char *bytes = nullptr, digest[SHA_DIGEST_LENGTH];
  long size = 0;
  const bool found = PEM_read_bio(from.get(), &name, &header, &bytes, &size) == 1;
  if (found) SHA1(bytes, static_cast<std::size_t>(size), digest);
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(bytes);
  ERR_clear_error();
  return found ? hex(digest) : "";
}

std::string peerFingerprint(const SSL* session) {
  const Certificate certificate(SSL_get1_peer_certificate(session));
  unsigned char digest[SHA_DIGEST_LENGTH];
  return certificate && X509_digest(certificate.get(), EVP_sha1(), digest, nullptr) == 1 ? hex(digest) : "";
}

}  // namespace libra::tls
