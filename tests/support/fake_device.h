#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/checks/node_checks.h"
#include "sidecar/noop_driver.h"
#include "sidecar/vip/vip_holder.h"

namespace libra::test {

// What was done to a device, in order: "apply 7", "hold 10.1.0.1", "drop 10.1.0.1", "cold start 7".
using Journal = std::vector<std::string>;

// A proxy that remembers, counts and can be broken.
class FakeDriver final : public sidecar::NoopDriver {
 public:
  explicit FakeDriver(Journal& journal) : journal_(journal) {}

  Result<sidecar::Applied> apply(const protocol::DeviceState& wanted) override {
    journal_.push_back("apply " + std::to_string(wanted.generation));
    if (before_apply) before_apply();
    if (broken) return Error{ErrorCode::Unavailable, "HAProxy is not running.", "connect: refused"};
    auto applied = NoopDriver::apply(wanted);
    for (const auto& id : failing_nodes) applied->node_ok[id] = false;
    applied->changed = std::exchange(drift, {});
    if (takes_over) applied->mechanism = sidecar::Mechanism::BlueGreen;
    return applied;
  }
  Result<std::map<std::string, sidecar::NodeCheck>> health() override {
    if (broken) return Error{ErrorCode::Unavailable, "HAProxy is not running."};
    auto nodes = NoopDriver::health();
    for (const auto& id : failing_nodes) nodes->at(id) = {protocol::NodeHealth::Down, "connection refused"};
    return nodes;
  }
  Result<sidecar::Usage> usage() override {
    if (broken) return Error{ErrorCode::Unavailable, "HAProxy is not running."};
    return used;
  }
  Result<sidecar::ColdStart> coldStart(const protocol::DeviceState& wanted) override {
    return sidecar::ColdStart([this, generation = wanted.generation]() -> Status {
      if (while_writing) while_writing();
      journal_.push_back("cold start " + std::to_string(generation));
      return broken ? Status(Error{ErrorCode::Internal, "The disk is full."}) : ok();
    });
  }

  bool checksItself(const protocol::MonitorState& monitor) const override { return monitor.type != MonitorType::Https; }
  Status setHealth(const std::map<std::string, protocol::NodeHealth>& nodes) override {
    for (const auto& [id, health] : nodes) told[id] = health;
    return ok();
  }

  std::map<std::string, protocol::NodeHealth> told;
  bool broken = false;
  std::vector<std::string> failing_nodes;
  bool takes_over = false;         // another process, at each apply()
  std::vector<std::string> drift;  // found and repaired by the next apply()
  sidecar::Usage used{.proxy_start = 1, .load_balancers = {}, .left = {}};
  std::function<void()> before_apply, while_writing;

 private:
  Journal& journal_;
};

// Checks that say what the test wants.
class FakeChecks final : public sidecar::checks::NodeChecks {
 public:
  void watch(std::map<sidecar::checks::PeerKey, sidecar::checks::Peer> peers) override { watched = std::move(peers); }
  std::map<sidecar::checks::PeerKey, sidecar::checks::PeerVerdict> verdicts() const override { return found; }

  std::map<sidecar::checks::PeerKey, sidecar::checks::Peer> watched;
  std::map<sidecar::checks::PeerKey, sidecar::checks::PeerVerdict> found;
};

// An interface that holds what it is told to.
class FakeVipHolder final : public sidecar::VipHolder {
 public:
  explicit FakeVipHolder(Journal& journal) : journal_(journal) {}

  Result<std::set<NetAddress>> present() override {
    std::set<NetAddress> addresses;
    for (const auto& [address, prefix] : on_interface) addresses.insert(address);
    return addresses;
  }
  Status hold(const protocol::VirtualIpState& vip) override {
    if (broken) return Error{ErrorCode::Internal, "The device's network could not be set up"};
    if (before_hold) before_hold();
    if (on_interface.emplace(vip.address, vip.prefix).second) journal_.push_back("hold " + vip.address.str());
    return ok();
  }
  Status drop(const NetAddress& address, int) override {
    journal_.push_back("drop " + address.str());
    on_interface.erase(address);
    return ok();
  }

  Result<std::set<NetAddress>> heldElsewhere(const std::set<NetAddress>& addresses) override {
    if (link_down) return Error{ErrorCode::Unavailable, "The device's network is down"};
    std::set<NetAddress> held;
    for (const auto& address : addresses)
      if (elsewhere.contains(address)) held.insert(address);
    return held;
  }

  bool broken = false, link_down = false;
  std::set<NetAddress> elsewhere;  // with a neighbour
  std::function<void()> before_hold;
  std::map<NetAddress, int> on_interface;

 private:
  Journal& journal_;
};

}  // namespace libra::test
