#pragma once

#include <set>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "sidecar/haproxy/live_state.h"
#include "sidecar/haproxy/runtime_socket.h"
#include "sidecar/haproxy/step.h"

namespace libra::sidecar::haproxy {

// What becomes due in a running HAProxy without a change: drains end, servers leave their
// quarantine, what no descriptor names is forgotten. Not thread-safe.
class Upkeep {
 public:
  explicit Upkeep(const Clock& clock) : clock_(clock) {}

  // About once a second, with what was just read. What fails is logged, and due again the next time.
  void run(RuntimeSocket& socket, const LiveState& live);

 private:
  void endDrains(RuntimeSocket& socket, const LiveState& live) const;
  void endQuarantines(RuntimeSocket& socket, const LiveState& live) const;
  void forgetUnused(RuntimeSocket& socket, const ProxyState& live);
  void clean(const ProxyState& live, const std::string& left, std::vector<Step>& steps) const;

  const Clock& clock_;
  std::set<std::string> unused_;  // attachments no descriptor named the last time
};

}  // namespace libra::sidecar::haproxy
