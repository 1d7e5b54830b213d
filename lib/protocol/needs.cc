#include "lib/protocol/needs.h"

#include <algorithm>

namespace libra::protocol {

namespace {

std::string wordFor(Protocol protocol) {
  if (protocol == Protocol::Http) return "http";
  return protocol == Protocol::Tcp ? "tcp" : "galera";
}

std::string wordFor(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::LeastConnections:
    case Algorithm::WeightedLeastConnections:
      return "least-connections";
    case Algorithm::Random:
      return "random";
    default:
      return "round-robin";
  }
}

std::string wordFor(const MonitorState& monitor) {
  if (monitor.type == MonitorType::Connect) return "monitor-connect";
  return monitor.type == MonitorType::Http ? "monitor-http" : "monitor-https";
}

}  // namespace

std::vector<std::string> needs(const LoadBalancerState& balancer) {
  const bool http = balancer.protocol == Protocol::Http;
  const auto& nodes = balancer.nodes;
  const auto any = [&](auto what) { return std::any_of(nodes.begin(), nodes.end(), what); };

  std::vector<std::string> words{wordFor(balancer.protocol), wordFor(balancer.algorithm), wordFor(balancer.monitor)};
  const auto add = [&](bool asked, const char* word) {
    if (asked) words.push_back(word);
  };
  add(!balancer.monitor.status_regex.empty() || !balancer.monitor.body_regex.empty(), "monitor-regex");
  add(any([](const auto& node) { return node.draining.has_value(); }), "drain");
  add(balancer.suspended, "suspend");
  add(!balancer.access_list.empty(), "access-list");
  add(balancer.throttle.has_value(), "throttle");
  add(http && balancer.error_page, "error-page");
  add(http && balancer.forwarded != ForwardedState{}, "forwarded-headers");
  add(balancer.connection_logging, "connection-logging");
  add(!http && balancer.half_closed, "half-closed");
  add(balancer.proxy_protocol, http ? "http-proxy-protocol" : "proxy-protocol");
  add(balancer.tls.has_value(), "tls");
  add(balancer.tls && !balancer.tls->mappings.empty(), "tls-sni");
  add(balancer.https_redirect, "https-redirect");
  add(any([](const auto& node) { return node.tls; }), "node-tls");
  return words;
}

std::string unmetNeed(const LoadBalancerState& balancer, const std::vector<std::string>& words) {
  for (auto& word : needs(balancer))
    if (std::find(words.begin(), words.end(), word) == words.end()) return word;
  return "";
}

std::vector<std::string> everyNeed() {
  return {"http",
          "tcp",
          "galera",
          "round-robin",
          "random",
          "least-connections",
          "drain",
          "monitor-connect",
          "suspend",
          "monitor-http",
          "throttle",
          "monitor-https",
          "tls",
          "monitor-regex",
          "tls-sni",
          "access-list",
          "node-tls",
          "https-redirect",
          "error-page",
          "forwarded-headers",
          "half-closed",
          "connection-logging",
          "proxy-protocol",
          "http-proxy-protocol"};
}

}  // namespace libra::protocol
