#pragma once

#include <openssl/ssl.h>

#include <string>

#include "lib/base/result.h"
#include "lib/base/secret.h"

namespace libra::tls {

// What a server shows and proves with, as PEM texts.
struct Bundle {
  std::string certificate;
  std::string intermediates{};  // perhaps none
  Secret key{};                 // not encrypted
};

// The same written anew from what was understood of it: nothing else of the given texts is
// left. A chain that stands in `certificate` goes to the intermediates. Invalid, in words for
// the owner: not readable, too weak a key, a key that is not the certificate's.
Result<Bundle> understood(const Bundle& given);

// Authorities, likewise; at least one.
Result<std::string> understoodAuthorities(const std::string& given);

// SHA-1 of the first certificate, "8D51…" as most tools show it; "" when there is none.
std::string fingerprintOf(const std::string& certificate);

// The same of what the peer of a session has shown.
std::string peerFingerprint(const SSL* session);

}  // namespace libra::tls
