#include "controller/service/validation.h"

#include <algorithm>
#include <optional>

namespace libra::service {

using namespace libra::model;

namespace {

constexpr std::int64_t kMaxTimeout = 1'000'000;  // ms
constexpr std::int64_t kMaxRetries = 256;

Error invalid(std::string text) { return {ErrorCode::Invalid, std::move(text)}; }

bool within(std::int64_t value, std::int64_t low, std::int64_t high) { return value >= low && value <= high; }

std::optional<Protocol> protocolOf(std::string_view text) {
  std::string upper(text);
  for (char& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return upper.empty() ? Protocol::Http : parseProtocol(upper);
}

std::uint16_t defaultPort(Protocol protocol) {
  switch (protocol) {
    case Protocol::Http:
      return 80;
    case Protocol::Tcp:
      return 443;
    case Protocol::Galera:
      return 3306;
  }
  return 0;
}

bool sameGroup(Protocol a, Protocol b) { return (a == Protocol::Http) == (b == Protocol::Http); }

bool allowed(const NetAddress& address, const std::vector<NetRange>& filters) {
  return filters.empty() ||
         std::any_of(filters.begin(), filters.end(), [&](const NetRange& range) { return range.contains(address); });
}

Result<NewNode> checkNode(const NodeRequest& node, const std::vector<NetRange>& filters) {
  if (!within(node.port, 1, 65535))
    return invalid("Node " + node.address + " port number " + std::to_string(node.port) + " is invalid");
  const auto address = NetAddress::parse(node.address);
  // What is no address lies in no range either; the tenant learns more from the second text.
  const bool ipv4 = address && !address->isV6();
  if (ipv4 && !allowed(*address, filters))
    return invalid("IP Address " + node.address + " is not allowed as a backend node");
  if (!ipv4) return invalid("IP Address " + node.address + " not valid");
  const auto weight = checkWeight(node.weight);
  if (!weight) return weight.error();
  return NewNode{*address, static_cast<std::uint16_t>(node.port), *weight, node.enabled, node.backup};
}

auto enabledNodes(const LoadBalancer& lb) {
  return std::count_if(lb.nodes.begin(), lb.nodes.end(), [](const Node& node) { return node.enabled; });
}

bool isLastEnabled(const LoadBalancer& lb, const Node& node) { return node.enabled && enabledNodes(lb) <= 1; }

Error immutable(std::string_view what, LbStatus status) {
  return {ErrorCode::Immutable, std::string(what) + " a non-ACTIVE state, current state: " + std::string(name(status))};
}

bool staysInPath(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_.-/~+*,;:!$'[]()?&=#%").find(c) != std::string_view::npos;
}

Result<std::string> checkPath(MonitorType type, const std::optional<std::string>& path) {
  if (path && type == MonitorType::Connect) return invalid("Path argument is invalid with CONNECT type");
  if (path) {
    if (!path->starts_with('/')) return invalid("Path must begin with leading /");
    auto encoded = encodePath(*path);
    if (encoded.size() > 2000) return invalid("Path must be less than 2000 characters");
    return encoded;
  }
  if (type == MonitorType::Http) return invalid("Path argument is required");
  return std::string();
}

}  // namespace

Result<int> checkWeight(std::int64_t weight) {
  if (!within(weight, 1, 256)) return invalid("Node weight must be between 1 and 256");
  return static_cast<int>(weight);
}

Result<std::vector<NewNode>> checkNodes(const std::vector<NodeRequest>& nodes, const std::vector<NetRange>& filters) {
  std::vector<NewNode> checked;
  for (const auto& node : nodes) {
    auto one = checkNode(node, filters);
    if (!one) return one.error();
    checked.push_back(*one);
  }
  return checked;
}

Result<Options> checkOptions(const OptionsRequest& options) {
  Options checked;
  if (options.timeout) {
    if (!within(*options.timeout, 0, kMaxTimeout)) return invalid("timeout must be between 0 and 1000000 ms");
    checked.timeout = static_cast<int>(*options.timeout);
  }
  if (options.retries) {
    if (!within(*options.retries, 0, kMaxRetries)) return invalid("retries must be between 0 and 256");
    checked.retries = static_cast<int>(*options.retries);
  }
  return checked;
}

Result<NewLoadBalancer> checkNew(const LoadBalancerRequest& request, const std::vector<NetRange>& filters) {
  if (request.nodes.empty()) return invalid("At least one backend node needs to be supplied");
  auto nodes = checkNodes(request.nodes, filters);
  if (!nodes) return nodes.error();
  const auto options = checkOptions(request.options);
  if (!options) return options.error();

  const auto primaries = std::count_if(nodes->begin(), nodes->end(), [](const NewNode& node) { return !node.backup; });
  if (protocolOf(request.protocol) == Protocol::Galera && primaries != 1)
    return invalid("Galera load balancer must have exactly one primary node");

  NewLoadBalancer wanted;
  wanted.tenant = request.tenant;
  wanted.name = request.name;
  wanted.algorithm = request.algorithm;
  wanted.options = *options;
  wanted.nodes = *std::move(nodes);
  wanted.virtual_ip = request.virtual_ip;
  return wanted;
}

Status checkName(std::string_view name, const Limits& limits) {
  const auto characters =
      std::count_if(name.begin(), name.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  if (characters > limits.max_name_length) return invalid("Length of Load Balancer name too long");
  return ok();
}

Status checkNodeCount(std::size_t nodes, const Limits& limits) {
  if (nodes <= static_cast<std::size_t>(limits.max_nodes_per_load_balancer)) return ok();
  return Error{ErrorCode::OverLimit,
               "Too many backend nodes supplied (limit is " + std::to_string(limits.max_nodes_per_load_balancer) + ")"};
}

Result<PortRule> checkListener(const LoadBalancerRequest& request, const std::vector<PortRule>& rules) {
  const auto protocol = protocolOf(request.protocol);
  if (!protocol) return invalid("Invalid protocol " + request.protocol);
  const auto port = request.port.value_or(0);
  if (port == 0) return PortRule{*protocol, defaultPort(*protocol)};

  if (!within(port, 1, 65535)) return invalid("Port number " + std::to_string(port) + " is invalid");
  const PortRule wanted{*protocol, static_cast<std::uint16_t>(port)};
  const bool enabled = std::any_of(rules.begin(), rules.end(), [&](const PortRule& rule) {
    return rule.protocol == wanted.protocol && rule.port == wanted.port;
  });
  if (enabled) return wanted;
  return invalid("Port number " + std::to_string(port) + " is not allowed for " + std::string(name(*protocol)) +
                 " protocol");
}

Status checkNeighbours(const PortRule& wanted, const std::vector<LoadBalancer>& neighbours, bool queue) {
  for (const auto& lb : neighbours)
    if (!isMutable(lb.status) && !(queue && takesMore(lb.status)))
      return immutable("Existing Load Balancer on VIP in", lb.status);
  for (const auto& lb : neighbours)
    if (lb.port == wanted.port) return invalid("Only one load balancer per port allowed per device");
  for (const auto& lb : neighbours)
    if (sameGroup(lb.protocol, wanted.protocol))
      return invalid("Only one load balancer per protocol allowed per device");
  return ok();
}

bool takesMore(LbStatus status) { return status == LbStatus::Build || status == LbStatus::PendingUpdate; }

Status checkMutable(const LoadBalancer& lb, bool queue) {
  if (isMutable(lb.status) || (queue && takesMore(lb.status))) return ok();
  return immutable("Cannot modify a Load Balancer in", lb.status);
}

Status checkDeletable(const LoadBalancer& lb, bool queue) {
  if (isDeletable(lb.status) || (queue && takesMore(lb.status))) return ok();
  return immutable("Cannot delete a Load Balancer in", lb.status);
}

Status checkAddedNodes(const LoadBalancer& lb, const std::vector<NewNode>& added, const Limits& limits) {
  if (lb.nodes.size() + added.size() > static_cast<std::size_t>(limits.max_nodes_per_load_balancer))
    return Error{ErrorCode::OverLimit, "Command would exceed Load Balancer node limit"};
  const bool primary = std::any_of(added.begin(), added.end(), [](const NewNode& node) { return !node.backup; });
  if (lb.protocol == Protocol::Galera && primary) return invalid("Galera load balancer may have only one primary node");
  return ok();
}

Status checkDisable(const LoadBalancer& lb, const Node& node) {
  if (isLastEnabled(lb, node)) return invalid("Cannot disable the last enabled node");
  return ok();
}

Status checkRemove(const LoadBalancer& lb, const Node& node) {
  if (isLastEnabled(lb, node)) return invalid("Cannot delete the last enabled node in a load balancer");
  if (lb.protocol == Protocol::Galera && !node.backup)
    return invalid("Cannot delete the primary node in a Galera load balancer");
  return ok();
}

Result<HealthMonitor> checkMonitor(const MonitorRequest& request) {
  if (!request.type || !request.delay || !request.timeout || !request.attempts)
    return invalid("Missing field(s): type, delay, timeout, and attemptsBeforeDeactivation are required");
  auto path = checkPath(*request.type, request.path);
  if (!path) return path.error();
  if (!within(*request.timeout, 1, 3600)) return invalid("timeout must be between 1 and 3600 seconds");
  if (!within(*request.delay, 1, 3600)) return invalid("delay must be between 1 and 3600 seconds");
  if (*request.timeout > *request.delay) return invalid("timeout cannot be greater than delay");
  if (!within(*request.attempts, 1, 10)) return invalid("attemptsBeforeDeactivation must be between 1 and 10");
  return HealthMonitor{*request.type, static_cast<int>(*request.delay), static_cast<int>(*request.timeout),
                       static_cast<int>(*request.attempts), *std::move(path)};
}

std::string encodePath(std::string_view path) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : path) {
    if (staysInPath(c)) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kHex[byte >> 4];
    encoded += kHex[byte & 0xF];
  }
  return encoded;
}

}  // namespace libra::service
