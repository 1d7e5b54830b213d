#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace libra::tls {

using Context = std::shared_ptr<SSL_CTX>;
using Session = std::unique_ptr<SSL, FreeWith<SSL_free>>;

// PEM files. `certificate` may hold a chain, our own certificate first.
struct Files {
  std::string ca{};           // whom we trust; needed by clients and by mutual servers
  std::string certificate{};  // who we are; needed by servers and for mutual TLS
  std::string key{};
};

// Server for TLS >= 1.2. With `mutual`, a peer without a certificate of Files::ca is
// refused in the handshake. Errors name the file and what is wrong with it.
Result<Context> serverContext(const Files& files, bool mutual = false);

// Client for TLS >= 1.2 that verifies the chain against Files::ca alone (never the
// system's store), and shows Files::certificate if one is set. The host is checked
// only when the session is made by clientSession().
Result<Context> clientContext(const Files& files);

// Client that believes any certificate: for asking whether somebody speaks TLS, not who.
Result<Context> unverifiedClientContext();

// A session that also demands (where the context verifies) that the peer's certificate is for `host` (a DNS name or
// an IP address) and sends it as SNI when it is a name. Invalid for a host that is empty.
Result<Session> clientSession(const Context& context, const std::string& host);
Result<Session> serverSession(const Context& context);

// The names of the peer's verified certificate; empty when it showed none.
std::vector<std::string> peerDnsNames(const SSL* session);
std::vector<std::string> peerUris(const SSL* session);

// Why the last handshake on this session failed, in words: verification result or the
// thread's OpenSSL error queue (which is emptied).
std::string failureText(const SSL* session);

// A context that follows its files: looks at them at most once a second, when asked.
// A broken new set is logged and the old context stays in use, and is tried again when
// the files change once more. Thread-safe.
class ReloadingContext {
 public:
  enum class Role { Server, MutualServer, Client };

  static Result<std::shared_ptr<ReloadingContext>> open(const Files& files, Role role);

  Context current();    // never null; hold it no longer than one connection
  void reloadNow();     // look at the files now (SIGHUP, tests)
  int reloads() const;  // successful ones after open()

 private:
  ReloadingContext(Files files, Role role) : files_(std::move(files)), role_(role) {}
  Result<Context> build() const;
  std::string fingerprint() const;  // of the files as they are now
  void refresh(bool even_if_recent);

  const Files files_;
  const Role role_;
  mutable std::mutex mutex_;
  Context context_;
  std::string loaded_;  // fingerprint the last attempt saw
  std::chrono::steady_clock::time_point looked_;
  int reloads_ = 0;
};

}  // namespace libra::tls
