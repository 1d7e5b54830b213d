#include <fmt/format.h>

#include <chrono>
#include <ctime>

#include "controller/api/codec.h"
#include "lib/json/value.h"

namespace libra::api::codec {

namespace {

using json::Value;

constexpr int kDefaultTimeout = 30000;  // ms
constexpr int kDefaultRetries = 3;

template <typename T>
Value number(T value) {
  return Value::of(static_cast<std::int64_t>(value));
}
template <typename T>
Value digits(T value) {
  return Value::of(std::to_string(value));
}
template <typename T>
Value numberOrDigits(T value, bool as_digits) {
  return as_digits ? digits(value) : number(value);
}
Value word(std::string_view text) { return Value::of(text); }

template <typename Elements, typename Write>
Value listOf(const Elements& elements, Write write) {
  auto list = Value::array();
  for (const auto& element : elements) list.push(write(element));
  return list;
}

std::string wrapped(std::string_view name, const Value& value) {
  auto body = Value::object();
  body.set(name, value);
  return json::dump(body);
}

// Which numbers of a node an endpoint shows as strings.
struct NodeForm {
  bool id, port, weight;
};
constexpr NodeForm kInCreated{true, true, true};
constexpr NodeForm kInDetail{true, true, false};
constexpr NodeForm kOfItsOwn{false, false, false};

Value node(const model::Node& node, NodeForm form) {
  auto value = Value::object();
  value.set("id", numberOrDigits(node.id, form.id))
      .set("address", node.address.str())
      .set("port", numberOrDigits(node.port, form.port))
      .set("condition", node.enabled ? "ENABLED" : "DISABLED")
      .set("status", word(name(node.status)));
  if (node.weight != 1) value.set("weight", numberOrDigits(node.weight, form.weight));
  return value;
}

Value nodes(const std::vector<model::Node>& all, NodeForm form) {
  return listOf(all, [form](const model::Node& one) { return node(one, form); });
}

Value options(const model::Options& options) {
  auto value = Value::object();
  value.set("timeout", options.timeout.value_or(kDefaultTimeout))
      .set("retries", options.retries.value_or(kDefaultRetries));
  return value;
}

Value assigned(const model::VirtualIp& vip, bool id_as_digits) {
  auto value = Value::object();
  value.set("id", numberOrDigits(vip.id, id_as_digits))
      .set("address", vip.address.str())
      .set("type", "PUBLIC")
      .set("ipVersion", vip.address.isV6() ? "IPV6" : "IPV4");
  return value;
}

Value assigning() {
  auto value = Value::object();
  value.set("id", Value::null()).set("address", Value::null()).set("type", "ASSIGNING").set("ipVersion", "IPV4");
  return value;
}

Value common(const model::LoadBalancer& lb, bool port_as_digits) {
  auto value = Value::object();
  value.set("id", digits(lb.id))
      .set("name", lb.name)
      .set("protocol", word(name(lb.protocol)))
      .set("port", numberOrDigits(lb.port, port_as_digits))
      .set("algorithm", word(name(lb.algorithm)))
      .set("status", word(name(lb.status)))
      .set("created", timestamp(lb.created))
      .set("updated", timestamp(lb.updated));
  return value;
}

Value inList(const model::LoadBalancer& lb) {
  auto value = common(lb, false);
  value.set("nodeCount", lb.node_count).set("options", options(lb.options));
  return value;
}

std::string monitor(const model::HealthMonitor& monitor, bool as_digits) {
  auto value = Value::object();
  value.set("type", word(name(monitor.type)))
      .set("delay", numberOrDigits(monitor.delay, as_digits))
      .set("timeout", numberOrDigits(monitor.timeout, as_digits))
      .set("attemptsBeforeDeactivation", numberOrDigits(monitor.attempts, as_digits));
  if (!monitor.path.empty()) value.set("path", monitor.path);
  return json::dump(value);
}

}  // namespace

std::string timestamp(Time time) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::string writeList(const std::vector<model::LoadBalancer>& load_balancers) {
  return wrapped("loadBalancers", listOf(load_balancers, inList));
}

// A VIP of its own counts as assigned once the device serves it, so never here.
std::string writeCreated(const model::LoadBalancer& lb, bool shares_virtual_ip) {
  const bool shown = shares_virtual_ip && lb.virtual_ip;
  auto value = common(lb, true);
  value.set("virtualIps", Value::array().push(shown ? assigned(*lb.virtual_ip, true) : assigning()))
      .set("nodes", nodes(lb.nodes, kInCreated))
      .set("options", options(lb.options));
  return json::dump(value);
}

std::string writeDetail(const model::LoadBalancer& lb) {
  auto value = common(lb, false);
  value.set("nodeCount", lb.node_count)
      .set("statusDescription", lb.status_description)
      .set("virtualIps", Value::array().push(lb.virtual_ip ? assigned(*lb.virtual_ip, false) : assigning()))
      .set("nodes", nodes(lb.nodes, kInDetail))
      .set("options", options(lb.options));
  return json::dump(value);
}

std::string writeNodes(const std::vector<model::Node>& all) { return wrapped("nodes", nodes(all, kOfItsOwn)); }
std::string writeNode(const model::Node& one) { return json::dump(node(one, kOfItsOwn)); }
std::string writeMonitor(const model::HealthMonitor& shown) { return monitor(shown, false); }
std::string writeMonitorAccepted(const model::HealthMonitor& accepted) { return monitor(accepted, true); }

std::string writeVirtualIps(const model::VirtualIp& virtual_ip) {
  return wrapped("virtualIps", Value::array().push(assigned(virtual_ip, false)));
}

std::string writeLimits(const model::Limits& limits) {
  auto values = Value::object();
  values.set("maxLoadBalancerNameLength", limits.max_name_length)
      .set("maxVIPsPerLoadBalancer", limits.max_vips_per_load_balancer)
      .set("maxNodesPerLoadBalancer", limits.max_nodes_per_load_balancer)
      .set("maxLoadBalancers", limits.max_load_balancers);
  auto absolute = Value::object().set("values", values);
  return wrapped("limits", Value::object().set("absolute", absolute));
}

std::string writeProtocols(const std::vector<model::PortRule>& rules) {
  return wrapped("protocols", listOf(rules, [](const model::PortRule& rule) {
                   auto value = Value::object();
                   return value.set("name", word(name(rule.protocol))).set("port", number(rule.port));
                 }));
}

std::string writeAlgorithms() {
  return wrapped("algorithms",
                 listOf(std::vector{Algorithm::RoundRobin, Algorithm::LeastConnections},
                        [](Algorithm algorithm) { return Value::object().set("name", word(name(algorithm))); }));
}

}  // namespace libra::api::codec
