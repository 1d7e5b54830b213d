#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace libra::store::mysql {

struct Options {
  // In order of preference, the same order in all controllers (one writer node at a
  // time keeps conflicts rare): "host:port", "[v6]:port" or "unix:/path".
  std::vector<std::string> servers;
  std::string user;
  std::string password;
  std::string schema = "libra";
  std::string ca;  // file; set: TLS with chain and host name verified, else clear text
  // On Galera each transaction sees all that was committed on any node before it began, for
  // a round trip through the group (docs/decisions/0006-causal-reads.md). Elsewhere without meaning.
  bool causal_reads = true;

  std::chrono::seconds connect_timeout{2};
  std::chrono::seconds statement_timeout{5};  // a statement, COMMIT included, that takes longer counts as lost
  // A transaction is tried again for so long, and once in any case; then it is Unavailable.
  std::chrono::milliseconds patience{5'000};
  std::chrono::seconds failback{20};  // a server that failed is left alone for so long
};

// Told how long each COMMIT took that was answered; on the thread of its transaction.
using Committed = std::function<void(std::chrono::nanoseconds took)>;

}  // namespace libra::store::mysql
