#pragma once

// Device states for tests, readable at a glance:
//   aDevice(7, {aBalancer("15", 80, {aNode("501", backend.port())})})

#include <string>
#include <vector>

#include "lib/protocol/device_state.h"

namespace libra::test {

inline protocol::NodeState aNode(std::string id, std::uint16_t port, const std::string& address = "127.0.0.1") {
  protocol::NodeState node;
  node.id = std::move(id);
  node.address = *NetAddress::parse(address);
  node.port = port;
  return node;
}

inline protocol::NodeState disabled(protocol::NodeState node) {
  node.enabled = false;
  return node;
}

inline protocol::NodeState draining(protocol::NodeState node, std::chrono::seconds until = std::chrono::seconds(0)) {
  node.draining = until;
  return node;
}

inline protocol::NodeState backup(protocol::NodeState node) {
  node.backup = true;
  return node;
}

inline protocol::LoadBalancerState aBalancer(std::string id, std::uint16_t port, std::vector<protocol::NodeState> nodes,
                                             Protocol protocol = Protocol::Http) {
  protocol::LoadBalancerState balancer;
  balancer.id = std::move(id);
  balancer.port = port;
  balancer.protocol = protocol;
  balancer.nodes = std::move(nodes);
  return balancer;
}

inline protocol::DeviceState aDevice(std::uint64_t generation, std::vector<protocol::LoadBalancerState> balancers) {
  protocol::DeviceState state;
  state.generation = generation;
  state.load_balancers = std::move(balancers);
  return state;
}

}  // namespace libra::test
