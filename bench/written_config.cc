#include "bench/written_config.h"

#include <fmt/format.h>

#include "sidecar/haproxy/words.h"

namespace libra::bench {

namespace {

constexpr const char* kHead = R"(global
  maxconn 8000
  no strict-limits
  stats socket unix@{} mode 660 level admin expose-fd listeners
defaults
  mode http
  timeout client 30s
  timeout http-request 30s
  timeout http-keep-alive 30s
  timeout connect 30s
  timeout server 30s
  timeout queue 30s
  timeout client-fin 30s
  timeout server-fin 30s
  retries 3
  option redispatch 1
  option idle-close-on-response
)";

const char* word(Algorithm algorithm) {
  return algorithm == Algorithm::LeastConnections || algorithm == Algorithm::WeightedLeastConnections ? "leastconn"
                                                                                                      : "roundrobin";
}

std::string headerLines(const protocol::ForwardedState& forwarded) {
  std::string text;
  if (forwarded.client) text += "  option forwardfor\n";
  if (forwarded.protocol) text += "  http-request set-header X-Forwarded-Proto http\n";
  if (forwarded.port) text += "  http-request set-header X-Forwarded-Port %[dst_port]\n";
  return text;
}

std::string serverLine(const protocol::LoadBalancerState& lb, const protocol::NodeState& node) {
  return fmt::format("  server n{} {} weight {} check inter {}s rise {} fall {}{}\n", node.id,
                     sidecar::haproxy::endpoint(node.address, node.port), node.weight, lb.monitor.delay.count(),
                     lb.monitor.attempts, lb.monitor.attempts, node.enabled ? "" : " disabled");
}

}  // namespace

std::string writtenConfig(const protocol::DeviceState& state, const std::string& stats_socket) {
  auto text = fmt::format(fmt::runtime(kHead), stats_socket);
  for (const auto& lb : state.load_balancers) {
    text += fmt::format("frontend f{0}\n  bind 0.0.0.0:{1}\n{2}  default_backend b{0}\nbackend b{0}\n", lb.id, lb.port,
                        headerLines(lb.forwarded));
    text += fmt::format("  balance {}\n", word(lb.algorithm));
    if (lb.monitor.type == MonitorType::Http) text += fmt::format("  option httpchk GET {}\n", lb.monitor.path);
    for (const auto& node : lb.nodes) text += serverLine(lb, node);
  }
  return text;
}

}  // namespace libra::bench
