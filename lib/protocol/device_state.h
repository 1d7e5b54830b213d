#pragma once

// The whole wanted state of one device, as the controller sends it in UPDATE and
// the sidecar keeps it on disk. Plain values; equal means "nothing to do".

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/net_address.h"
#include "lib/protocol/terms.h"

namespace libra::protocol {

struct NodeState {
  std::string id;  // the tenant-visible node id, decimal; in names on the stats socket
  NetAddress address;
  std::uint16_t port = 0;
  int weight = 1;       // 1–256
  bool enabled = true;  // false: configured, gets no new traffic (condition DISABLED)
  bool backup = false;

  // Condition DRAINING: an enabled node that gets no new clients. What it still serves is cut
  // at this Unix time, by the device's clock; 0: never.
  std::optional<std::chrono::seconds> draining = std::nullopt;
  bool operator==(const NodeState&) const = default;
};

struct MonitorState {
  MonitorType type = MonitorType::Connect;
  std::chrono::seconds delay{30};    // between checks
  std::chrono::seconds timeout{30};  // ≤ delay
  int attempts = 2;                  // rise = fall = attempts
  std::string path = "/";            // HTTP only
  bool operator==(const MonitorState&) const = default;
};

struct OptionsState {
  std::chrono::milliseconds client_timeout{30'000};
  std::chrono::milliseconds server_timeout{30'000};
  std::chrono::milliseconds connect_timeout{30'000};
  int retries = 3;
  bool operator==(const OptionsState&) const = default;
};

struct LoadBalancerState {
  std::string id;    // decimal; "" in an ancestor's message: the driver names it by protocol
  std::string name;  // the tenant's text; only echoed, never configured
  Protocol protocol = Protocol::Http;
  std::uint16_t port = 80;
  std::vector<NetAddress> addresses;            // VIPs it listens on; empty: any address (ancestor's message)
  Algorithm algorithm = Algorithm::RoundRobin;  // nodes are weighed by all of them; an ancestor knows two
  OptionsState options;
  MonitorState monitor;
  std::optional<Persistence> persistence;  // none given: defaultPersistence()
  std::vector<NodeState> nodes;
  bool operator==(const LoadBalancerState&) const = default;
};

struct VirtualIpState {
  NetAddress address;
  int prefix = 32;
  std::uint64_t epoch = 0;  // version of the VIP's holder
  bool operator==(const VirtualIpState&) const = default;
};

struct DeviceState {
  std::uint64_t generation = 0;  // 0: an ancestor's message, counts as newest
  std::vector<LoadBalancerState> load_balancers;
  std::vector<VirtualIpState> virtual_ips;
  bool suspended = false;  // SUSPEND: configured but takes no connections until ENABLE
  bool operator==(const DeviceState&) const = default;
};

}  // namespace libra::protocol
