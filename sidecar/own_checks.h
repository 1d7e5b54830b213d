#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "sidecar/checks/node_checks.h"
#include "sidecar/driver.h"

namespace libra::sidecar {

// Has those nodes checked that the proxy does not check itself, and tells it what was
// found. One thread at a time.
class OwnChecks {
 public:
  OwnChecks(Driver& driver, checks::NodeChecks& checks) : driver_(driver), checks_(checks) {}

  // About once a second. What a first look at the proxy says of a node is what it counts as
  // until it was checked: a sidecar that begins anew changes nobody's health. What the proxy
  // was told is put into `health`.
  Status keepUp(const protocol::DeviceState& wanted, std::map<std::string, NodeCheck>& health);

  // Puts in what our checks found, where they are ours.
  void explain(std::map<std::string, NodeCheck>& health) const;

 private:
  using Monitor = std::shared_ptr<const checks::Monitor>;

  std::map<checks::PeerKey, checks::Peer> peers(const protocol::DeviceState& wanted,
                                                const std::map<std::string, NodeCheck>& health);
  Monitor monitorOf(const protocol::LoadBalancerState& balancer, const protocol::NodeState& node);

  Driver& driver_;
  checks::NodeChecks& checks_;
  std::set<Monitor> monitors_;  // those in use as of the last look
  bool first_look_ = true;
};

}  // namespace libra::sidecar
