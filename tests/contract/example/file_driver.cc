#include "tests/contract/example/file_driver.h"

#include <filesystem>

#include "lib/base/files.h"
#include "lib/json/value.h"
#include "lib/protocol/needs.h"

namespace libra::example {

Result<protocol::DeviceState> FileDriver::written() const {
  if (std::error_code error; !std::filesystem::exists(file_, error)) return protocol::DeviceState{};
  const auto text = readFile(file_);
  if (!text) return text.error();
  return protocol::readStateFile(*text);
}

// Compared with what is written, not with what was: who edited the file is overruled.
Result<sidecar::Applied> FileDriver::apply(const protocol::DeviceState& wanted) {
  const auto before = written();
  const bool change = !before || *before != wanted;
  if (change)
    if (auto status = replaceFile(file_, json::dump(protocol::writeStateFile(wanted))); !status) return status.error();
  const auto after = written();
  if (!after) return after.error();
  sidecar::Applied applied;
  applied.generation = after->generation;
  applied.mechanism = change ? sidecar::Mechanism::Runtime : sidecar::Mechanism::None;
  for (const auto& balancer : wanted.load_balancers)
    for (const auto& node : balancer.nodes) applied.node_ok[node.id] = *after == wanted;
  return applied;
}

Result<protocol::DeviceState> FileDriver::live() {
  auto state = written();
  if (state) state->virtual_ips.clear();
  return state;
}

Result<std::map<std::string, sidecar::NodeCheck>> FileDriver::health() {
  const auto state = written();
  if (!state) return state.error();
  std::map<std::string, sidecar::NodeCheck> nodes;
  for (const auto& balancer : state->load_balancers)
    for (const auto& node : balancer.nodes) nodes[node.id] = health_[node.id];
  return nodes;
}

Status FileDriver::setHealth(const std::map<std::string, protocol::NodeHealth>& nodes) {
  for (const auto& [id, health] : nodes) health_[id].health = health;
  return ok();
}

Result<sidecar::Usage> FileDriver::usage() {
  const auto state = written();
  if (!state) return state.error();
  sidecar::Usage usage;
  usage.proxy_start = 1;
  for (const auto& balancer : state->load_balancers)
    usage.load_balancers.push_back({balancer.id, balancer.protocol, {}, {}});
  return usage;
}

sidecar::Capabilities FileDriver::capabilities() const {
  return {.driver = "file", .version = "1", .words = protocol::everyNeed(), .max_load_balancers = 8};
}

Result<std::string> FileDriver::explain() {
  const auto state = written();
  if (!state) return state.error();
  return "generation " + std::to_string(state->generation) + " in " + file_ + "\n";
}

}  // namespace libra::example
