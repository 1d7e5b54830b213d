#pragma once

#include <optional>
#include <set>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "sidecar/haproxy/base.h"
#include "sidecar/haproxy/cold_start.h"
#include "sidecar/haproxy/master.h"
#include "sidecar/haproxy/process_info.h"
#include "sidecar/haproxy/proxy_state.h"
#include "sidecar/haproxy/runtime_socket.h"
#include "sidecar/make_driver.h"

namespace libra::sidecar::haproxy {

// For what a running HAProxy cannot be told: another process takes its listening sockets over
// and serves, and the former one finishes the connections it has. No connection is refused
// meanwhile. The former one ends when it has none, or at `hard-stop-after`.
class BlueGreen {
 public:
  BlueGreen(const DriverConfig& config, ColdStarts& cold_starts, const Clock& clock)
      : stats_socket_(config.stats_socket),
        cold_starts_(cold_starts),
        master_(config.master_socket, clock),
        clock_(clock) {}

  bool possible() const { return master_.present(); }

  // Starts a process with this configuration, state and every slot, which are the cold start from then on.
  // `socket` leads to the process that serves, before (that is `running`) and after. Unavailable:
  // it serves on, and its cold start is what it was; the same base is not tried again at once.
  Status exchange(RuntimeSocket& socket, const ProcessInfo& running, const DriverConfig& config, const Base& base,
                  const ProxyState& state);

  // Connections to the processes that only finish. While there is one, such a process stays,
  // so that its last counters can be read.
  std::vector<RuntimeSocket>& predecessors() { return predecessors_; }

 private:
  struct Failure {
    Base base;
    Instant again{};
    Error error;
  };

  Status replace(RuntimeSocket& socket, const ProcessInfo& running, const DriverConfig& config,
                 const ProxyState& state);
  Result<RuntimeSocket> reach(pid_t process) const;
  void keepUntilRead(RuntimeSocket former);

  std::string stats_socket_;
  ColdStarts& cold_starts_;
  Master master_;
  const Clock& clock_;
  std::vector<RuntimeSocket> predecessors_;
  std::optional<Failure> failure_;
};

}  // namespace libra::sidecar::haproxy
