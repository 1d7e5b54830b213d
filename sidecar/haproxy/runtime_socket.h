#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "lib/base/secret.h"

namespace libra::sidecar::haproxy {

// One connection to HAProxy's stats socket; that nobody answers there shows at the first command.
// Errors are Unavailable: nobody answers, in
// time or at all, or the answers lost their frame; the connection is then of no more use.
class RuntimeSocket {
 public:
  static constexpr std::chrono::milliseconds kPatience{2'000};

  static Result<RuntimeSocket> open(const std::string& path, const Clock& clock,
                                    std::chrono::milliseconds patience = kPatience);

  // Runs the commands in order, whatever the earlier ones answered, and gives the answers
  // without their final line ends. Twenty cost one round trip.
  Result<std::vector<std::string>> run(const std::vector<std::string>& commands);

  // A command and the lines it is given, each with its end.
  Result<std::string> run(const std::string& command, const Secret& payload);

 private:
  RuntimeSocket(Fd fd, const Clock& clock, std::chrono::milliseconds patience)
      : fd_(std::move(fd)), clock_(&clock), patience_(patience) {}

  Status send(std::string_view line, Instant deadline);
  Status receive(std::size_t count, Instant deadline, std::vector<std::string>& answers);
  Status wait(short events, Instant deadline);

  Fd fd_;
  bool greeted_ = false;  // the answer to "prompt" has come
  const Clock* clock_;
  std::chrono::milliseconds patience_;
};

}  // namespace libra::sidecar::haproxy
