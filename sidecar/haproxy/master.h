#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "lib/base/clock.h"
#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace libra::sidecar::haproxy {

// HAProxy's master process, `haproxy -W -S <socket>`: it was started by the host's init, stays,
// and is the parent of the worker that serves and of those that only finish.
class Master {
 public:
  Master(std::string socket, const Clock& clock) : socket_(std::move(socket)), clock_(clock) {}

  bool present() const;

  // Has it start a worker from the files in place, to which the `serving` one leaves its
  // listening sockets; gives its process. Takes 60 ms and more, 10 s at most. Unavailable: the
  // serving one serves on.
  Result<pid_t> replaceWorker(pid_t serving) const;

 private:
  Result<Fd> say(std::string_view command) const;
  Result<std::string> hear(const Fd& connection) const;
  Result<pid_t> worker() const;

  std::string socket_;
  const Clock& clock_;
};

// The process that serves, of the answer to `show proc`.
Result<pid_t> parseWorker(std::string_view processes);

}  // namespace libra::sidecar::haproxy
