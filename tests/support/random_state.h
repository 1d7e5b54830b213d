#pragma once

#include <random>

#include "lib/protocol/device_state.h"

namespace libra::test {

// Sound device states for property tests: whatever the controller could send.
class RandomState {
 public:
  explicit RandomState(std::uint64_t seed) : random_(seed) {}

  protocol::DeviceState device(int most_load_balancers = 8, int most_nodes = 20);
  protocol::DeviceState ancestorsDevice();  // generation 0: at most one load balancer per protocol, no additions

 private:
  int upTo(int most) { return std::uniform_int_distribution<int>(0, most)(random_); }
  bool coin() { return upTo(1) == 1; }
  NetAddress address();
  std::string text();
  protocol::NodeState node();
  void addPolicies(protocol::LoadBalancerState& lb);
  void addTls(protocol::LoadBalancerState& lb);
  protocol::LoadBalancerState loadBalancer(Protocol protocol, int most_nodes);

  std::mt19937_64 random_;
  std::int64_t last_id_ = 0;
};

}  // namespace libra::test
