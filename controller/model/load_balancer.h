#pragma once

// Plain structs; standard library and lib/protocol/terms.h only.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controller/model/status.h"
#include "controller/model/virtual_ip.h"
#include "lib/base/clock.h"
#include "lib/base/net_address.h"
#include "lib/protocol/terms.h"

namespace libra::model {

struct NewNode {
  NetAddress address;
  std::uint16_t port = 0;
  int weight = 1;
  bool enabled = true;
  bool backup = false;
};

struct Node : NewNode {
  std::int64_t id = 0;
  NodeStatus status = NodeStatus::Online;
};

struct HealthMonitor {
  MonitorType type = MonitorType::Connect;
  int delay = 30;    // seconds
  int timeout = 30;  // seconds, ≤ delay
  int attempts = 2;
  std::string path;  // encoded; HTTP only
  bool operator==(const HealthMonitor&) const = default;
};

struct Options {
  std::optional<int> timeout;  // ms; unset shows as 30000
  std::optional<int> retries;  // unset shows as 3
};

struct NewLoadBalancer {
  std::string tenant;
  std::string name;
  Protocol protocol = Protocol::Http;
  std::uint16_t port = 80;
  Algorithm algorithm = Algorithm::RoundRobin;
  Options options;
  std::vector<NewNode> nodes;
  std::optional<std::int64_t> virtual_ip;  // share this VIP's device
};

struct LoadBalancer {
  std::int64_t id = 0;
  std::string tenant;
  std::string name;
  Protocol protocol = Protocol::Http;
  std::uint16_t port = 80;
  Algorithm algorithm = Algorithm::RoundRobin;
  Options options;
  LbStatus status = LbStatus::Build;
  std::string status_description;  // ≤ 128 bytes, a tenant may read it
  std::int64_t device = 0;         // 0: no device any more
  std::uint64_t generation = 0;    // the device generation that carries its latest change
  Time created{}, updated{};
  Time deadline{};  // BUILD/PENDING_* end by then, one way or the other
  int node_count = 0;
  std::vector<Node> nodes;               // filled by find() and onDevice(), not by list()
  std::optional<HealthMonitor> monitor;  // unset: the default; not by list()
  std::optional<VirtualIp> virtual_ip;   // not by list()
};

}  // namespace libra::model
