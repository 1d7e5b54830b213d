#include <algorithm>
#include <limits>

#include "lib/protocol/fields.h"
#include "lib/protocol/load_balancer_codec.h"

namespace libra::protocol {

namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kLongestClaim = 8192;

Checked readGeneration(const json::Value& message, DeviceState& state) {
  if (!message["generation"]) return {};
  const auto generation = wholeNumber(message["generation"], 1, kMost);
  if (!generation) return refused("The generation must be a positive number");
  state.generation = static_cast<std::uint64_t>(*generation);
  return {};
}

Checked readLoadBalancers(const json::Value& message, DeviceState& state) {
  const auto given = message["loadBalancers"];
  if (!given) return missing("'loadBalancers' element");
  if (!given.isArray()) return refused();
  for (std::size_t i = 0; i < given.size(); ++i) {
    LoadBalancerState lb;
    if (auto problem = readLoadBalancer(given[i], Surroundings{state}, lb)) return problem;
    state.load_balancers.push_back(std::move(lb));
  }
  return {};
}

Checked readVirtualIp(const json::Value& given, DeviceState& state) {
  const auto address = NetAddress::parse(given["address"].text());
  if (!address) return refused("The address of a virtual IP is not valid");
  const int bits = address->isV6() ? 128 : 32;
  const auto prefix = given["prefix"] ? wholeNumber(given["prefix"], 1, bits) : bits;
  const auto epoch = given["epoch"] ? wholeNumber(given["epoch"], 0, kMost) : 0;
  const auto same = [&](const VirtualIpState& other) { return other.address == *address; };
  const auto claim = given["claim"] ? given["claim"].text() : "";
  if (!prefix || !epoch || std::any_of(state.virtual_ips.begin(), state.virtual_ips.end(), same))
    return refused("Failure adding virtual IP " + address->str() +
                   ": prefix or epoch is not valid, or it is given twice");
  if (claim.size() > kLongestClaim) return refused("The claim of virtual IP " + address->str() + " is too long");
  state.virtual_ips.push_back({*address, static_cast<int>(*prefix), static_cast<std::uint64_t>(*epoch), claim});
  return {};
}

Checked readVirtualIps(const json::Value& message, DeviceState& state) {
  const auto given = message["virtualIps"];
  if (state.generation == 0 || !given) return {};
  if (!given.isArray()) return refused("'virtualIps' must be a list");
  for (std::size_t i = 0; i < given.size(); ++i)
    if (auto problem = readVirtualIp(given[i], state)) return problem;
  return {};
}

json::Value writeVirtualIps(const std::vector<VirtualIpState>& vips) {
  auto list = json::Value::array();
  for (const auto& vip : vips) {
    auto item = json::Value::object();
    item.set("address", vip.address.str()).set("prefix", vip.prefix).set("epoch", static_cast<std::int64_t>(vip.epoch));
    if (!vip.claim.empty()) item.set("claim", vip.claim);
    list.push(std::move(item));
  }
  return list;
}

Error unreadable(const std::string& why) {
  return {ErrorCode::Invalid, "The stored state of this device cannot be read", why};
}

std::string textOf(const Problem& problem) {
  if (const auto* bad = std::get_if<BadRequest>(&problem)) return bad->message;
  const auto& why = std::get<Refused>(problem).error;
  return why.empty() ? "a value is not valid" : why;
}

// The generation is read first because it decides whose message this is.
Checked readMessage(const json::Value& message, DeviceState& state) {
  if (auto problem = readGeneration(message, state)) return problem;
  if (auto problem = readLoadBalancers(message, state)) return problem;
  return readVirtualIps(message, state);
}

}  // namespace

json::Value writeUpdate(const DeviceState& state) {
  auto load_balancers = json::Value::array();
  for (const auto& lb : state.load_balancers) load_balancers.push(writeLoadBalancer(lb));
  auto message = json::Value::object().set("hpcs_action", "UPDATE").set("loadBalancers", load_balancers);
  if (state.generation != 0)
    message.set("generation", static_cast<std::int64_t>(state.generation))
        .set("virtualIps", writeVirtualIps(state.virtual_ips));
  return message;
}

ReadUpdate readUpdate(const json::Value& message) {
  DeviceState state;
  const auto problem = readMessage(message, state);
  if (!problem) return state;
  return std::visit([](const auto& what) -> ReadUpdate { return what; }, *problem);
}

json::Value writeStateFile(const DeviceState& state) { return writeUpdate(state).set("suspended", state.suspended); }

Result<DeviceState> readStateFile(std::string_view text) {
  const auto message = json::parse(text);
  if (!message) return unreadable(message.error().message);
  DeviceState state;
  if (const auto problem = readMessage(*message, state)) return unreadable(textOf(*problem));
  state.suspended = (*message)["suspended"].boolean();
  return state;
}

}  // namespace libra::protocol
