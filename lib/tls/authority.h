#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/tls/context.h"

namespace libra::tls {

// A certificate and its private key (P-256), as PEM text. The key is a secret.
struct Identity {
  std::string certificate;
  std::string key;
};

struct Validity {
  Time from;
  Time until;
};

// A few minutes before `now`, so that machines with slow clocks take it, until `days` after.
Validity validFor(Time now, int days);

// What a certificate is to say of its holder.
struct Subject {
  std::string common_name;  // at most 64 bytes
  std::vector<std::string> dns{};
  std::vector<std::string> ip{};
  std::vector<std::string> uri{};
  bool server = true;  // extended key usage
  bool client = true;
};

// A new self-signed authority that may sign leaves, nothing below it.
Result<Identity> createAuthority(const std::string& common_name, const Validity& validity);

// A new key with a certificate signed by `authority`. Invalid: a name that cannot stand
// in a certificate, or an authority that is none.
Result<Identity> issueCertificate(const Identity& authority, const Subject& subject, const Validity& validity);

// A new key, and a request that proves its holder asks for a certificate of it.
struct Request {
  std::string request;
  std::string key;
};
Result<Request> createRequest();

// A certificate for the key behind `request`, the one thing taken from there. Invalid: it
// is no request, or not signed by that key; Internal: the authority cannot sign for `subject`.
Result<std::string> signRequest(const Identity& authority, std::string_view request, const Subject& subject,
                                const Validity& validity);

// Reads and writes <folder>/<name>.crt and <name>.key; each file is replaced atomically,
// the key first and readable by the owner alone.
Result<Identity> readIdentity(const std::string& folder, const std::string& name);
Result<Files> writeIdentity(const std::string& folder, const std::string& name, const Identity& identity);

}  // namespace libra::tls
