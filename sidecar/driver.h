#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/protocol/device_job.h"
#include "lib/protocol/device_report.h"
#include "lib/protocol/device_state.h"

namespace libra::sidecar {

// How a change was made, in order of preference (design.md section 6).
enum class Mechanism { None, Runtime, Steer, Generation, Class, SidecarCheck, BlueGreen, Reload };

struct Applied {
  std::uint64_t generation = 0;
  Mechanism mechanism = Mechanism::None;  // the heaviest one used
  std::chrono::microseconds duration{0};
  std::map<std::string, bool> node_ok;  // node id → configured as wanted (read back)
  std::vector<std::string> changed;     // what was not as wanted before, in the proxy's words
};

struct NodeCheck {
  protocol::NodeHealth health = protocol::NodeHealth::Up;
  std::string found;  // by the last check, in the proxy's words; "" before the first
};

// What the proxy counted for a node under one name of its own. A node may have several
// over time, and they go away with their counters.
struct ServerUsage {
  std::string name, node;
  protocol::UsageCounters used;
};

// Since the proxy's process started.
struct LbUsage {
  std::string lb_id;
  Protocol protocol = Protocol::Http;
  protocol::UsageCounters used;
  std::vector<ServerUsage> servers;
};

// Of one process of the proxy, and of those it took over from that still have connections.
struct Usage {
  std::uint64_t proxy_start = 0;  // changes when the proxy process was restarted (counters began at 0)
  std::vector<LbUsage> load_balancers;
  std::vector<ServerUsage> left;  // by the load balancer they were for, but not gone yet
  std::vector<Usage> predecessors{};
};

struct Capabilities {
  std::string driver;              // "haproxy"
  std::string version;             // the proxy's
  std::vector<std::string> words;  // e.g. "http", "tcp", "galera", "monitor-http", "catalogue:80"
  int max_load_balancers = 8;
  std::string listening{};  // "any port", or "catalogue ports: " and why not any; for people
};

// Writes what was prepared; hundreds of ms, so nothing else should wait for it. From any
// thread, beside other calls of the driver, while there is one.
using ColdStart = std::function<Status()>;

// Drives the proxy of this device. Every call may be repeated: applying a state
// that already holds changes nothing. Called from one thread at a time.
// apply() compares with what the proxy really runs, never with what was sent.
class Driver {
 public:
  virtual ~Driver() = default;
  virtual Result<Applied> apply(const protocol::DeviceState& wanted) = 0;  // read back from the proxy
  virtual Result<protocol::DeviceState> live() = 0;  // what the proxy runs: no VIPs, digests for certificates
  virtual Result<std::map<std::string, NodeCheck>> health() = 0;  // per node id
  // Whether the proxy checks the nodes of such a monitor. Those of others are checked by the
  // sidecar, which tells by setHealth(), again and again, what it found.
  virtual bool checksItself(const protocol::MonitorState& monitor) const = 0;
  virtual Status setHealth(const std::map<std::string, protocol::NodeHealth>& nodes) = 0;
  virtual Result<Usage> usage() = 0;
  virtual Capabilities capabilities() const = 0;
  virtual Result<std::string> explain() = 0;  // what the proxy runs and under which names, for people

  // The configuration that would start `wanted` from nothing; calling the result validates it
  // and puts it in place for the next cold start, unless a later one is there. Coalesced.
  virtual Result<ColdStart> coldStart(const protocol::DeviceState& wanted) = 0;
  Status writeColdStart(const protocol::DeviceState& wanted) {
    const auto prepared = coldStart(wanted);
    return prepared ? (*prepared)() : Status(prepared.error());
  }

  // health(), and work that waits for time to pass (quarantined servers), on what one reading
  // found; called about once a second.
  virtual Result<std::map<std::string, NodeCheck>> tick() { return health(); }

  // What a proxy that began anew cannot do without, before all else; costs nothing when there
  // is nothing to do.
  virtual void attend() {}
};

}  // namespace libra::sidecar
