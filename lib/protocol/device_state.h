#pragma once

// The whole wanted state of one device, as the controller sends it in UPDATE and
// the sidecar keeps it on disk. Plain values; equal means "nothing to do".

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/net_address.h"
#include "lib/base/secret.h"
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
  bool tls = false;  // spoken with as LoadBalancerState::node_tls says
  bool operator==(const NodeState&) const = default;
};

struct MonitorState {
  MonitorType type = MonitorType::Connect;
  std::chrono::seconds delay{30};    // between checks
  std::chrono::seconds timeout{30};  // ≤ delay
  int attempts = 2;                  // rise = fall = attempts
  std::string path = "/";            // of HTTP and HTTPS, as are the next three
  std::string host{};                // what the node is asked for; "": its address
  std::string status_regex{};        // found in the status, "200"; "": 200 to 399
  std::string body_regex{};          // found in the first 64 KiB of the body; "": not looked at
  bool operator==(const MonitorState&) const = default;
};

struct OptionsState {
  std::chrono::milliseconds client_timeout{30'000};
  std::chrono::milliseconds server_timeout{30'000};
  std::chrono::milliseconds connect_timeout{30'000};
  int retries = 3;
  bool operator==(const OptionsState&) const = default;
};

// Clients are let in unless a rule denies them; where several rules match, one that allows wins.
struct AccessRule {
  NetAddress network;
  int prefix = 32;
  bool allow = false;
  bool operator==(const AccessRule&) const = default;
};

// Of each client address by itself; 0 is no limit.
struct ThrottleState {
  int most_connections = 0;
  int free_connections = 0;  // so many are never refused, whatever the other limits say
  int most_new = 0;          // within the interval
  std::chrono::seconds interval{1};
  bool operator==(const ThrottleState&) const = default;
};

// What an HTTP node is told about its client.
struct ForwardedState {
  bool client = true;    // X-Forwarded-For
  bool protocol = true;  // X-Forwarded-Proto
  bool port = true;      // X-Forwarded-Port
  bool operator==(const ForwardedState&) const = default;
};

struct CertificateState {
  std::string host{};           // the SNI name it answers, perhaps "*.example.com"; "": every other one
  std::string certificate{};    // PEM
  std::string intermediates{};  // PEM, perhaps none
  Secret key{};                 // PEM
  bool operator==(const CertificateState&) const = default;
};

struct TlsState {
  bool enabled = true;
  std::uint16_t port = 443;
  bool secure_only = false;  // while enabled, the load balancer's own port is served no more
  CertificateState certificate;
  std::vector<CertificateState> mappings;
  bool operator==(const TlsState&) const = default;
};

struct NodeTlsState {
  bool verify = false;  // against `ca`, by `host`
  std::string ca{};     // PEM; "": the system's
  std::string host{};   // SNI and the name expected; "": none is sent
  bool operator==(const NodeTlsState&) const = default;
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
  bool suspended = false;                  // refuses connections
  std::vector<AccessRule> access_list;
  std::optional<ThrottleState> throttle;
  std::optional<std::string> error_page;  // HTTP only: UTF-8, the body of 502, 503 and 504
  bool connection_logging = false;
  bool half_closed = false;  // not HTTP: one end may go on after the other has ended
  ForwardedState forwarded;
  bool proxy_protocol = false;  // the PROXY header comes first on each connection to a node
  std::optional<TlsState> tls;  // towards clients; not Galera
  bool https_redirect = false;  // HTTP only: the plain port only points to the secure one
  NodeTlsState node_tls;
  std::vector<NodeState> nodes;
  bool operator==(const LoadBalancerState&) const = default;
};

struct VirtualIpState {
  NetAddress address;
  int prefix = 32;
  std::uint64_t epoch = 0;  // version of the VIP's holder
  std::string claim{};      // the same, signed by a controller, for neighbours to see (vip_claim.h); "": none
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
