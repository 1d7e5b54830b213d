#include <algorithm>

#include "lib/base/utf8.h"
#include "lib/protocol/fields.h"
#include "lib/protocol/load_balancer_codec.h"

namespace libra::protocol {

namespace {

constexpr std::size_t kMostRules = 100;
constexpr std::size_t kLongestPage = 65'536;
constexpr std::int64_t kMostConnections = 100'000;
constexpr std::int64_t kLongestInterval = 3'600;

Problem failure(const LoadBalancerState& lb, std::string_view why) {
  return refused("Failure adding load balancer " + lb.id + ": " + std::string(why));
}

std::optional<AccessRule> readRule(const json::Value& given) {
  const std::string type = given["type"].text();
  if (type != "ALLOW" && type != "DENY") return std::nullopt;
  const std::string text = given["address"].text();
  if (const auto address = NetAddress::parse(text))
    return AccessRule{*address, address->isV6() ? 128 : 32, type == "ALLOW"};
  const auto range = NetRange::parse(text);
  if (!range) return std::nullopt;
  return AccessRule{range->network, range->prefix, type == "ALLOW"};
}

Checked readAccessList(const json::Value& given, LoadBalancerState& lb) {
  if (absentOrNull(given)) return {};
  if (!given.isArray() || given.size() > kMostRules)
    return failure(lb, "the access list must be a list of at most 100 networks");
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto rule = readRule(given[i]);
    if (!rule) return failure(lb, "each item of the access list needs an address or network, and ALLOW or DENY");
    const auto same = [&](const AccessRule& other) {
      return other.network == rule->network && other.prefix == rule->prefix;
    };
    if (std::any_of(lb.access_list.begin(), lb.access_list.end(), same))
      return failure(lb, "a network is twice in the access list");
    lb.access_list.push_back(*rule);
  }
  return {};
}

Checked readThrottle(const json::Value& given, LoadBalancerState& lb) {
  if (absentOrNull(given)) return {};
  const auto limit = [&](const char* name) {
    return absentOrNull(given[name]) ? std::optional<std::int64_t>(0) : wholeNumber(given[name], 0, kMostConnections);
  };
  const auto most = limit("maxConnections"), least = limit("minConnections"), rate = limit("maxConnectionRate");
  const auto interval = absentOrNull(given["rateInterval"]) ? std::optional<std::int64_t>(1)
                                                            : wholeNumber(given["rateInterval"], 1, kLongestInterval);
  if (!given.isObject() || !most || !least || !rate || !interval)
    return failure(lb, "the connection throttle is not valid");
  lb.throttle = {static_cast<int>(*most), static_cast<int>(*least), static_cast<int>(*rate),
                 std::chrono::seconds(*interval)};
  return {};
}

// A page is text: no byte that could end a string early.
bool isPage(const std::string& text) {
  return !text.empty() && text.size() <= kLongestPage && text.find('\0') == text.npos && isUtf8(text);
}

Checked readErrorPage(const json::Value& given, LoadBalancerState& lb) {
  if (absentOrNull(given)) return {};
  if (lb.protocol != Protocol::Http) return failure(lb, "an error page needs the protocol HTTP");
  lb.error_page = given["content"].text();
  if (!isPage(*lb.error_page)) return failure(lb, "the error page must be text of at most 65536 bytes");
  return {};
}

Checked readFlag(const json::Value& given, std::string_view name, LoadBalancerState& lb, bool& field) {
  const auto value = flag(given, field);
  if (!value) return failure(lb, std::string(name) + " must be true or false");
  field = *value;
  return {};
}

Checked readFlags(const json::Value& message, LoadBalancerState& lb) {
  const std::pair<const char*, bool&> kFlags[] = {
      {"suspended", lb.suspended},
      {"halfClosed", lb.half_closed},
      {"proxyProtocol", lb.proxy_protocol},
      {"xForwardedFor", lb.forwarded.client},
      {"xForwardedProto", lb.forwarded.protocol},
      {"xForwardedPort", lb.forwarded.port},
  };
  for (const auto& [name, field] : kFlags)
    if (auto problem = readFlag(message[name], name, lb, field)) return problem;
  if (lb.half_closed && lb.protocol == Protocol::Http) return failure(lb, "halfClosed needs the protocol TCP");
  return readFlag(message["connectionLogging"]["enabled"], "connectionLogging", lb, lb.connection_logging);
}

json::Value writeAccessList(const std::vector<AccessRule>& rules) {
  auto list = json::Value::array();
  for (const auto& rule : rules)
    list.push(json::Value::object()
                  .set("address", rule.network.str() + "/" + std::to_string(rule.prefix))
                  .set("type", rule.allow ? "ALLOW" : "DENY"));
  return list;
}

json::Value writeThrottle(const ThrottleState& throttle) {
  return json::Value::object()
      .set("maxConnections", throttle.most_connections)
      .set("minConnections", throttle.free_connections)
      .set("maxConnectionRate", throttle.most_new)
      .set("rateInterval", throttle.interval.count());
}

}  // namespace

Checked readPolicies(const json::Value& message, LoadBalancerState& lb) {
  if (auto problem = readFlags(message, lb)) return problem;
  if (auto problem = readAccessList(message["accessList"], lb)) return problem;
  if (auto problem = readThrottle(message["connectionThrottle"], lb)) return problem;
  return readErrorPage(message["errorpage"], lb);
}

void writePolicies(const LoadBalancerState& lb, json::Value& message) {
  if (lb.suspended) message.set("suspended", true);
  if (lb.half_closed) message.set("halfClosed", true);
  if (lb.proxy_protocol) message.set("proxyProtocol", true);
  if (!lb.forwarded.client) message.set("xForwardedFor", false);
  if (!lb.forwarded.protocol) message.set("xForwardedProto", false);
  if (!lb.forwarded.port) message.set("xForwardedPort", false);
  if (lb.connection_logging) message.set("connectionLogging", json::Value::object().set("enabled", true));
  if (!lb.access_list.empty()) message.set("accessList", writeAccessList(lb.access_list));
  if (lb.throttle) message.set("connectionThrottle", writeThrottle(*lb.throttle));
  if (lb.error_page) message.set("errorpage", json::Value::object().set("content", *lb.error_page));
}

}  // namespace libra::protocol
