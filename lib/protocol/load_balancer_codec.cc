#include "lib/protocol/load_balancer_codec.h"

#include <algorithm>
#include <cctype>

#include "lib/protocol/fields.h"
#include "lib/regex/pattern.h"

namespace libra::protocol {

namespace {

constexpr std::int64_t kMostMillis = 2'147'483'647;  // what a proxy's timer holds
constexpr std::int64_t kMostSeconds = kMostMillis / 1000;
constexpr std::size_t kLongestPath = 4096;
constexpr std::size_t kLongestHost = 256;

Checked hasNodes(const json::Value& message, const Surroundings&, LoadBalancerState&) {
  if (!message["nodes"]) return missing("'nodes' element");
  if (!message["nodes"].isArray()) return refused();
  return {};
}

Checked readId(const json::Value& message, const Surroundings& around, LoadBalancerState& lb) {
  lb.name = message["name"].text();
  if (around.legacy()) return {};
  if (!message["id"]) return missing("'id' element");
  const auto id = decimalId(message["id"]);
  if (!id) return refused("A load balancer's id must be a number");
  const auto& others = around.before.load_balancers;
  if (std::any_of(others.begin(), others.end(), [&](const auto& other) { return other.id == *id; }))
    return refused("Load balancer " + *id + " is given twice");
  lb.id = *id;
  return {};
}

Checked readProtocol(const json::Value& message, const Surroundings& around, LoadBalancerState& lb) {
  if (!message["protocol"]) return missing("required 'protocol' value.");
  const auto protocol = parseProtocol(upperCase(message["protocol"].text()));
  if (!protocol) return refused();
  lb.protocol = *protocol;
  const auto& others = around.before.load_balancers;
  const auto same = [&](const auto& other) { return other.protocol == lb.protocol; };
  if (around.legacy() && std::any_of(others.begin(), others.end(), same)) return refused();
  return {};
}

Checked readPort(const json::Value& message, const Surroundings&, LoadBalancerState& lb) {
  const auto given = message["port"];
  if (absentOrNull(given) && lb.protocol == Protocol::Http) return {};
  const auto port = wholeNumber(given, 1, 65535);
  if (!port) return refused();
  lb.port = static_cast<std::uint16_t>(*port);
  return {};
}

std::vector<std::uint16_t> portsOf(const LoadBalancerState& lb) {
  if (!lb.tls) return {lb.port};
  return {lb.port, lb.tls->port};
}

bool overlap(const LoadBalancerState& a, const LoadBalancerState& b) {
  const auto here = portsOf(a), there = portsOf(b);
  if (std::find_first_of(here.begin(), here.end(), there.begin(), there.end()) == here.end()) return false;
  if (a.addresses.empty() || b.addresses.empty()) return true;
  return std::any_of(a.addresses.begin(), a.addresses.end(), [&](const NetAddress& address) {
    return std::find(b.addresses.begin(), b.addresses.end(), address) != b.addresses.end();
  });
}

Checked listensAlone(const Surroundings& around, const LoadBalancerState& lb) {
  for (const auto& other : around.before.load_balancers)
    if (overlap(lb, other))
      return refused(around.legacy() ? ""
                                     : "Failure adding load balancer " + lb.id + ": its port is used by " + other.id);
  return {};
}

Checked readAddresses(const json::Value& message, const Surroundings& around, LoadBalancerState& lb) {
  const auto given = message["addresses"];
  if (!around.legacy() && given) {
    if (!given.isArray()) return refused("Failure adding load balancer " + lb.id + ": addresses must be a list");
    for (std::size_t i = 0; i < given.size(); ++i) {
      const auto address = NetAddress::parse(given[i].text());
      if (!address) return refused("Failure adding load balancer " + lb.id + ": an address is not valid");
      lb.addresses.push_back(*address);
    }
  }
  return listensAlone(around, lb);
}

Checked readAdditions(const json::Value& message, const Surroundings& around, LoadBalancerState& lb) {
  if (around.legacy()) return {};
  if (auto problem = readPolicies(message, lb)) return problem;
  if (auto problem = readTls(message, lb)) return problem;
  return listensAlone(around, lb);
}

bool isAncestors(Algorithm algorithm) {
  return algorithm == Algorithm::RoundRobin || algorithm == Algorithm::LeastConnections;
}

Checked readAlgorithm(const json::Value& message, const Surroundings& around, LoadBalancerState& lb) {
  if (!message["algorithm"]) return {};
  const auto algorithm = parseAlgorithm(message["algorithm"].text());
  if (!algorithm || (around.legacy() && !isAncestors(*algorithm))) return refused();
  lb.algorithm = *algorithm;
  return {};
}

// Nothing that could end a word or a line of a request.
bool isPath(std::string_view text) {
  return text.size() <= kLongestPath &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
}

Checked readMonitorPath(const json::Value& given, MonitorState& monitor) {
  if (absentOrNull(given)) return {};
  if (!given.isString()) return refused();
  monitor.path = given.text();
  if (!monitor.path.starts_with('/')) monitor.path.insert(0, "/");
  if (!isPath(monitor.path)) return refused();
  return {};
}

// As the API's rule for a host name, with a port or an IPv6 address in brackets at most.
bool isHostHeader(std::string_view text) {
  return text.size() <= kLongestHost && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 ||
                  std::string_view(".-_:[]").find(static_cast<char>(c)) != std::string_view::npos;
         });
}

Checked readRegex(const json::Value& given, std::string_view what, std::string& regex) {
  if (absentOrNull(given)) return {};
  regex = given.text();
  if (regex.empty()) return {};
  const auto pattern = Pattern::compile(regex);
  return pattern ? Checked() : refused("The monitor's " + std::string(what) + ": " + pattern.error().message);
}

// What an ancestor's message does not know.
Checked readExpectations(const json::Value& given, MonitorState& monitor) {
  if (!absentOrNull(given["hostHeader"])) monitor.host = given["hostHeader"].text();
  if (!isHostHeader(monitor.host)) return refused("The monitor's hostHeader is not a host name");
  if (auto problem = readRegex(given["statusRegex"], "statusRegex", monitor.status_regex)) return problem;
  return readRegex(given["bodyRegex"], "bodyRegex", monitor.body_regex);
}

Checked readMonitor(const json::Value& message, const Surroundings& around, LoadBalancerState& lb) {
  const auto given = message["monitor"];
  if (!given) return {};
  if (!given.isObject()) return refused();
  for (const char* field : {"type", "delay", "timeout", "attempts"})
    if (!given[field]) return missing("monitor value '" + std::string(field) + "'");

  const auto type = parseMonitorType(upperCase(given["type"].text()));
  const auto delay = given["delay"].isNull() ? 30 : wholeNumber(given["delay"], 1, kMostSeconds);
  const auto timeout = given["timeout"].isNull() ? delay : wholeNumber(given["timeout"], 1, kMostSeconds);
  const auto attempts = given["attempts"].isNull() ? 2 : wholeNumber(given["attempts"], 1, 10'000);
  if (!type || !delay || !timeout || !attempts || *timeout > *delay) return refused();
  if (around.legacy() && type == MonitorType::Https) return refused();
  lb.monitor = {.type = *type,
                .delay = std::chrono::seconds(*delay),
                .timeout = std::chrono::seconds(*timeout),
                .attempts = static_cast<int>(*attempts),
                .path = "/"};
  if (auto problem = readMonitorPath(given["path"], lb.monitor)) return problem;
  return around.legacy() ? Checked() : readExpectations(given, lb.monitor);
}

bool readMillis(const json::Value& given, std::chrono::milliseconds& millis) {
  if (absentOrNull(given)) return true;
  const auto number = wholeNumber(given, 0, kMostMillis);
  if (number) millis = std::chrono::milliseconds(*number);
  return number.has_value();
}

Checked readOptions(const json::Value& message, const Surroundings&, LoadBalancerState& lb) {
  const auto given = message["options"];
  if (absentOrNull(given)) return {};
  if (!given.isObject()) return refused();
  OptionsState& options = lb.options;
  const auto retries = given["connect_retries"];
  const auto number = absentOrNull(retries) ? options.retries : wholeNumber(retries, 0, 65535);
  if (!number || !readMillis(given["client_timeout"], options.client_timeout) ||
      !readMillis(given["server_timeout"], options.server_timeout) ||
      !readMillis(given["connect_timeout"], options.connect_timeout))
    return refused();
  options.retries = static_cast<int>(*number);
  return {};
}

Checked readPersistence(const json::Value& message, const Surroundings& around, LoadBalancerState& lb) {
  const auto given = message["sessionPersistence"];
  if (around.legacy() || absentOrNull(given)) return {};
  const auto failure = [&](const char* why) { return refused("Failure adding load balancer " + lb.id + ": " + why); };
  if (!given.isObject()) return failure("session persistence must be an object");
  lb.persistence = Persistence::None;
  const auto type = given["persistenceType"];
  if (absentOrNull(type)) return {};
  lb.persistence = parsePersistence(type.text());
  if (!lb.persistence) return failure("session persistence is HTTP_COOKIE or SOURCE_IP");
  if (lb.persistence == Persistence::HttpCookie && lb.protocol != Protocol::Http)
    return failure("HTTP_COOKIE needs the protocol HTTP");
  return {};
}

json::Value writePersistence(Persistence persistence) {
  auto message = json::Value::object();
  if (persistence != Persistence::None) message.set("persistenceType", name(persistence));
  return message;
}

json::Value writeOptions(const OptionsState& options) {
  return json::Value::object()
      .set("client_timeout", options.client_timeout.count())
      .set("server_timeout", options.server_timeout.count())
      .set("connect_timeout", options.connect_timeout.count())
      .set("connect_retries", options.retries);
}

json::Value writeMonitor(const MonitorState& monitor) {
  auto message = json::Value::object();
  message.set("type", name(monitor.type))
      .set("delay", monitor.delay.count())
      .set("timeout", monitor.timeout.count())
      .set("attempts", monitor.attempts)
      .set("path", monitor.path);
  if (!monitor.host.empty()) message.set("hostHeader", monitor.host);
  if (!monitor.status_regex.empty()) message.set("statusRegex", monitor.status_regex);
  if (!monitor.body_regex.empty()) message.set("bodyRegex", monitor.body_regex);
  return message;
}

json::Value writeAddresses(const std::vector<NetAddress>& addresses) {
  auto list = json::Value::array();
  for (const auto& address : addresses) list.push(json::Value::of(std::string_view(address.str())));
  return list;
}

}  // namespace

Checked readLoadBalancer(const json::Value& message, const Surroundings& around, LoadBalancerState& lb) {
  // The order is part of the contract: the first thing wrong is the one answered.
  constexpr Checked (*kInOrder[])(const json::Value&, const Surroundings&, LoadBalancerState&) = {
      hasNodes,    readId,      readProtocol,    readPort,      readAddresses, readAlgorithm,
      readMonitor, readOptions, readPersistence, readAdditions, readNodes};
  if (!message.isObject()) return refused();
  for (const auto read : kInOrder)
    if (auto problem = read(message, around, lb)) return problem;
  return {};
}

json::Value writeLoadBalancer(const LoadBalancerState& lb) {
  auto message = json::Value::object();
  if (!lb.id.empty()) message.set("id", lb.id);
  message.set("name", lb.name)
      .set("protocol", name(lb.protocol))
      .set("port", static_cast<int>(lb.port))
      .set("algorithm", name(lb.algorithm))
      .set("options", writeOptions(lb.options))
      .set("monitor", writeMonitor(lb.monitor))
      .set("nodes", writeNodes(lb));
  if (lb.persistence) message.set("sessionPersistence", writePersistence(*lb.persistence));
  if (!lb.addresses.empty()) message.set("addresses", writeAddresses(lb.addresses));
  writePolicies(lb, message);
  writeTls(lb, message);
  return message;
}

}  // namespace libra::protocol
