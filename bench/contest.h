#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "bench/samples.h"
#include "lib/protocol/device_state.h"

namespace libra::bench {

// The same changes, made true in two ways under the same load.

struct Ports {
  std::uint16_t first, second;
};

// One HTTP load balancer, and for a while a second one.
class Balancers {
 public:
  Balancers(Ports ports, std::uint16_t backend, int nodes);

  protocol::LoadBalancerState& lb() { return state.load_balancers.front(); }
  protocol::NodeState node(int id) const { return {std::to_string(id), *NetAddress::parse("127.0.0.1"), backend_}; }
  void addBalancer() { state.load_balancers.push_back(balancer("2", ports_.second, 2)); }

  protocol::DeviceState state;

 private:
  protocol::LoadBalancerState balancer(const std::string& id, std::uint16_t port, int nodes) const;

  const Ports ports_;
  const std::uint16_t backend_;
};

struct Change {
  std::string name;
  std::function<void(Balancers&)> edit;
};

// Eight; in this order they end where they began, but for what alternates.
const std::vector<Change>& allChanges();

// Makes a change true and returns when it is.
using Way = std::function<void(const protocol::DeviceState&)>;

struct Outcome {
  std::vector<std::pair<std::string, Samples>> changes;
  Samples victims;  // requests in flight during a change or just after it
  std::size_t failed = 0, requests = 0;
};

// All the changes, `rounds` times, while clients ask the first balancer.
Outcome measure(const Way& way, Balancers balancers, const std::vector<Change>& changes, int rounds);

// Both by the same changes.
void print(const Outcome& ours, const Outcome& reload);

}  // namespace libra::bench
