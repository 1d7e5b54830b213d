#pragma once

// The changes that must not lose a request, one row each. Another change is one more row.

#include <functional>
#include <string>
#include <vector>

#include "lib/protocol/device_state.h"

namespace libra::test {

// Whose requests may fail because the change itself means so.
enum class MayLose {
  Nobody,
  OpenConnections,  // of the changed load balancer, from before the change
  ThePlain,         // of the changed load balancer, not by TLS
  TheChanged,
  Everybody
};

// What a row changes: the whole device, and the load balancer its traffic goes to. The two
// neighbours with traffic come after it in the device.
struct Scene {
  protocol::DeviceState device;
  std::uint16_t secure_port = 0;        // for TLS
  std::vector<std::uint16_t> backends;  // ports of four back ends; nodes "501" and "502" are the first two
  protocol::LoadBalancerState plain;    // the one to be changed, as every row begins with it

  protocol::LoadBalancerState& changed() { return device.load_balancers.front(); }
};

struct Row {
  std::string name;
  std::function<void(Scene&)> before;  // how it differs from a plain HTTP load balancer at first
  std::function<void(Scene&)> change;
  MayLose may_lose = MayLose::Nobody;
  bool serves_before = true, serves_after = true;  // else its clients knock in vain then
  bool exchanges = false;  // where ports are a catalogue, another process of the proxy serves after it; else the same
};

const std::vector<Row>& rows();

}  // namespace libra::test
