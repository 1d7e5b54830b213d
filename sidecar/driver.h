#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/protocol/device_job.h"
#include "lib/protocol/device_state.h"

namespace libra::sidecar {

// How a change was made, in order of preference (design.md section 6).
enum class Mechanism { None, Runtime, Generation, Class, SidecarCheck, BlueGreen, Reload };

struct Applied {
  std::uint64_t generation = 0;
  Mechanism mechanism = Mechanism::None;  // the heaviest one used
  std::chrono::microseconds duration{0};
  std::map<std::string, bool> node_ok;  // node id → configured as wanted (read back)
};

struct LbUsage {
  std::string lb_id;
  Protocol protocol = Protocol::Http;
  std::uint64_t bytes_in = 0, bytes_out = 0, connections = 0, requests = 0;  // since the proxy started
};

struct Usage {
  std::uint64_t proxy_start = 0;  // changes when the proxy process was restarted (counters began at 0)
  std::vector<LbUsage> load_balancers;
};

struct Capabilities {
  std::string driver;              // "haproxy"
  std::string version;             // the proxy's
  std::vector<std::string> words;  // e.g. "http", "tcp", "galera", "monitor-http", "catalogue:80"
  int max_load_balancers = 8;
};

// Drives the proxy of this device. Every call may be repeated: applying a state
// that already holds changes nothing. Called from one thread at a time.
// apply() compares with what the proxy really runs, never with what was sent.
class Driver {
 public:
  virtual ~Driver() = default;
  virtual Result<Applied> apply(const protocol::DeviceState& wanted) = 0;  // read back from the proxy
  virtual Result<protocol::DeviceState> live() = 0;  // what the proxy runs (no VIPs: those are netlink's)
  virtual Result<std::map<std::string, protocol::NodeHealth>> health() = 0;  // per node id
  virtual Result<Usage> usage() = 0;
  virtual Capabilities capabilities() const = 0;

  // The configuration that would start `wanted` from nothing, validated and put in
  // place for the next cold start. Slow (tens of ms): called after the answer, coalesced.
  virtual Status writeColdStart(const protocol::DeviceState& wanted) = 0;

  // Work that waits for time to pass (quarantined servers); called about once a second.
  virtual void tick() {}
};

}  // namespace libra::sidecar
