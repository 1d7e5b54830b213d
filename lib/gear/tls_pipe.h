#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/gear/client.h"

namespace libra::gear {

// libgearman knows no TLS worth the name (design.md section 4), so it talks to a
// loopback listener inside our own process, which relays each connection over
// verified TLS to a job server. The pipe chooses the server: it probes them (ECHO),
// routes new connections to one that answers and cuts connections to one that stopped.
// Own thread with an EventLoop; all members are thread-safe.
class TlsPipe {
 public:
  // Fails (and nothing starts) without usable certificates: fail closed.
  static Result<std::unique_ptr<TlsPipe>> open(const Connection& connection);
  ~TlsPipe();

  std::string host() const;  // 127.0.0.1
  int port() const;          // ephemeral; accepts only connections of our own process
  bool usable() const;       // some job server answered its last probe
  struct ServerState {
    std::string server;
    bool answers;
    std::string last_error;
  };
  std::vector<ServerState> states() const;

 private:
  struct Impl;
  explicit TlsPipe(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace libra::gear
