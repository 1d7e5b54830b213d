#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/result.h"

namespace libra::gear {

// Where the job servers are and who we are. TLS is not optional except for
// `clear_text`, which is accepted for loopback addresses only and logged at start.
struct Connection {
  std::vector<std::string> servers;  // "host:port"; the certificate must name the host
  std::string ca, certificate, key;  // PEM files, read again when they change
  bool clear_text = false;
  std::chrono::milliseconds connect_timeout{1000};
  std::chrono::milliseconds idle_limit{0};  // 0: none
};

class TlsPipe;

// Submits foreground jobs and waits for the answer. One per thread.
class Client {
 public:
  Client(TlsPipe& pipe, std::string id);
  ~Client();

  // The function's answer. Unavailable: no job server, no answer in `timeout`, or
  // the connection was lost after acceptance (outcome unknown): error().detail tells which.
  Result<std::string> call(const std::string& function, const std::string& payload, std::chrono::milliseconds timeout);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace libra::gear
