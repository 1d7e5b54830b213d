#include <algorithm>
#include <set>
#include <utility>

#include "lib/protocol/fields.h"
#include "lib/protocol/load_balancer_codec.h"

namespace libra::protocol {

namespace {

constexpr std::int64_t kHeaviest = 256;
constexpr std::int64_t kLatest = 253'402'300'799;  // the year 9999 ends

bool isEmptyId(const json::Value& id) { return absentOrNull(id) || (id.isString() && id.text().empty()); }

Checked hasNeededFields(const json::Value& message) {
  if (!message["port"]) return missing("node 'port'");
  if (!message["address"]) return missing("node 'address'");
  if (isEmptyId(message["id"])) return missing("node 'id'");
  return {};
}

Checked readEndpoint(const json::Value& message, NodeState& node) {
  const auto id = decimalId(message["id"]);
  node.id = id.value_or(message["id"].text());
  const auto failure = [&](const char* why) { return refused("Failure adding server " + node.id + ": " + why); };
  if (!id) return failure("the id must be a number");

  const auto address = NetAddress::parse(message["address"].text());
  if (!address) return failure("the address is not an IP address");
  node.address = *address;

  const auto port = wholeNumber(message["port"], 1, 65535);
  if (!port) return failure("the port must be a number from 1 to 65535");
  node.port = static_cast<std::uint16_t>(*port);
  return {};
}

Checked readWeight(const json::Value& given, NodeState& node) {
  if (!given) return {};
  const auto weight = wholeNumber(given, 1, kHeaviest);
  if (!weight) return refused("Failure adding server " + node.id + ": the weight must be a number from 1 to 256");
  node.weight = static_cast<int>(*weight);
  return {};
}

Checked readBackup(const json::Value& given, NodeState& node) {
  if (given && !given.isString()) return refused();
  node.backup = upperCase(given.text()) == "TRUE";
  return {};
}

Checked readCondition(const json::Value& given, NodeState& node) {
  if (!given) return {};
  const std::string condition = given.text();
  if (condition != "ENABLED" && condition != "DISABLED" && condition != "DRAINING")
    return refused("Failure adding server " + node.id + ": the condition must be ENABLED, DISABLED or DRAINING");
  node.enabled = condition != "DISABLED";
  if (condition == "DRAINING") node.draining = std::chrono::seconds(0);
  return {};
}

Checked readDrain(const json::Value& given, NodeState& node) {
  if (!node.draining || absentOrNull(given)) return {};
  const auto until = wholeNumber(given, 0, kLatest);
  if (!until) return refused("Failure adding server " + node.id + ": the end of its drain is not a time");
  node.draining = std::chrono::seconds(*until);
  return {};
}

Checked readNodeTls(const json::Value& given, NodeState& node) {
  const auto tls = flag(given, false);
  if (!tls) return refused("Failure adding server " + node.id + ": tls must be true or false");
  node.tls = *tls;
  return {};
}

std::string_view condition(const NodeState& node) {
  if (!node.enabled) return "DISABLED";
  return node.draining ? "DRAINING" : "ENABLED";
}

Checked readNode(const json::Value& message, const Surroundings& around, NodeState& node) {
  if (!message.isObject()) return refused();
  if (auto problem = hasNeededFields(message)) return problem;
  if (auto problem = readEndpoint(message, node)) return problem;
  if (auto problem = readWeight(message["weight"], node)) return problem;
  if (auto problem = readBackup(message["backup"], node)) return problem;
  if (around.legacy()) return {};
  if (auto problem = readCondition(message["condition"], node)) return problem;
  if (auto problem = readNodeTls(message["tls"], node)) return problem;
  return readDrain(message["drainUntil"], node);
}

json::Value writeNode(const NodeState& node) {
  auto message = json::Value::object();
  message.set("id", node.id)
      .set("address", node.address.str())
      .set("port", static_cast<int>(node.port))
      .set("weight", node.weight)
      .set("condition", condition(node))
      .set("backup", node.backup ? "TRUE" : "FALSE");
  if (node.tls) message.set("tls", true);
  if (node.enabled && node.draining) message.set("drainUntil", std::int64_t{node.draining->count()});
  return message;
}

std::set<std::string, std::less<>> idsOf(const DeviceState& device) {
  std::set<std::string, std::less<>> ids;
  for (const auto& lb : device.load_balancers)
    for (const auto& node : lb.nodes) ids.insert(node.id);
  return ids;
}

}  // namespace

// STATS names nodes by id alone, so an id is unique on its device.
Checked readNodes(const json::Value& message, const Surroundings& around, LoadBalancerState& lb) {
  const auto given = message["nodes"];
  auto ids = idsOf(around.before);
  bool has_primary = false;
  for (std::size_t i = 0; i < given.size(); ++i) {
    NodeState node;
    if (auto problem = readNode(given[i], around, node)) return problem;
    if (!ids.insert(node.id).second) return refused("Failure adding server " + node.id + ": the id is used twice");
    if (lb.protocol == Protocol::Galera && !node.backup && std::exchange(has_primary, true))
      return refused("Failure adding server " + node.id + ": a Galera load balancer has one primary node");
    lb.nodes.push_back(std::move(node));
  }
  return {};
}

json::Value writeNodes(const LoadBalancerState& lb) {
  auto list = json::Value::array();
  for (const auto& node : lb.nodes) list.push(writeNode(node));
  return list;
}

}  // namespace libra::protocol
