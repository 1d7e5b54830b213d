#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lib/gear/client.h"

namespace libra::gear {

// Serves one function at every job server, one job at a time. A handler may be
// called from several threads (one per job server) but never at the same time.
// Lost servers are tried again with back-off; the others stay in use.
class Worker {
 public:
  using Handler = std::function<std::string(const std::string& payload)>;

  Worker(const Connection& connection, std::string function, std::string id, Handler handler);
  ~Worker();  // stops and joins; a job under way is finished first

  Status start();  // fails (and nothing starts) without usable certificates
  struct ServerState {
    std::string host;
    bool connected;
  };
  std::vector<ServerState> servers() const;  // for DIAGNOSTICS

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace libra::gear
