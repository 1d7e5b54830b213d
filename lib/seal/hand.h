#pragma once

#include <openssl/x509.h>

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/tls/context.h"

namespace libra::seal {

using Certificates = std::shared_ptr<STACK_OF(X509)>;

// Somebody whose chain leads to our authority.
struct Signer {
  std::shared_ptr<X509> certificate;
  Certificates enclosed;      // with the envelope that made us know it: the same one, and its chain
  tls::Context confirmed_by;  // our identity when the chain was last followed
  std::chrono::steady_clock::time_point confirmed;

  bool is(std::string_view uri) const;
};

// What was in an envelope, and who is known to have signed it.
struct Opened {
  std::string content;
  Signer signer;
  bool secret;  // it was encrypted, to us
};

// Signs and encrypts with one certificate and its key (OpenSSL CMS: P-256, SHA-256,
// AES-256-GCM), and opens what others made for it. Follows its files as
// tls::ReloadingContext does. Thread-safe. Errors are for the log and hold no content.
class Hand {
 public:
  // How long a known signer's chain is believed without following it again.
  static constexpr std::chrono::seconds kConfirmed{60};
  // Whether our certificate goes along: handling it is near half of what an envelope costs.
  enum class Enclose { Certificate, Nothing };

  static Result<Hand> open(const tls::Files& files);

  Result<std::string> sign(std::string_view content) const;  // anyone may read it
  // Signed, then encrypted. Readers of an envelope that encloses nothing must know us.
  Result<std::string> seal(std::string_view content, const X509& reader, Enclose enclose = Enclose::Certificate) const;
  // Takes any bytes. `known`: whose envelopes need not enclose a certificate. Invalid: no
  // envelope, not for our key, not of our authority, or of somebody unknown.
  Result<Opened> open(std::string_view envelope, std::span<const Signer> known = {}) const;

 private:
  explicit Hand(std::shared_ptr<tls::ReloadingContext> identity) : identity_(std::move(identity)) {}

  std::shared_ptr<tls::ReloadingContext> identity_;
};

}  // namespace libra::seal
