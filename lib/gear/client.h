#pragma once

#include <chrono>
#include <memory>
#include <optional>
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
  std::chrono::milliseconds idle_limit{0};  // a connection silent for so long is closed; 0: never
  std::chrono::milliseconds probe_interval{250};
  std::chrono::milliseconds answer_limit{750};  // a probe unanswered for so long: the server is left
};

class TlsPipe;

// Submits one foreground job at a time and waits for the answer. Used by one thread at
// a time; an idle or waiting client may be handed to another.
class Client {
 public:
  Client(TlsPipe& pipe, std::string id);
  ~Client();

  // The function's answer. Unavailable: no job server, no answer in `timeout`, or
  // the connection was lost after acceptance (outcome unknown): error().detail tells which.
  Result<std::string> call(const std::string& function, const std::string& payload, std::chrono::milliseconds timeout);

  // call() in pieces, for a caller that cannot wait so long: poll() returns the answer
  // as soon as there is one, or nothing after `patience` (at least 1 ms).
  void start(const std::string& function, const std::string& payload, std::chrono::milliseconds timeout);
  std::optional<Result<std::string>> poll(std::chrono::milliseconds patience);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace libra::gear
