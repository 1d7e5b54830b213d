#pragma once

#include <map>
#include <string>

#include "lib/base/clock.h"
#include "sidecar/driver.h"

namespace libra::sidecar {

// Since when nodes are as they are, and the changes before, as far as it was shown to this
// object: what begins and ends between two looks was never there. One thread at a time.
class NodeHistory {
 public:
  static constexpr std::size_t kMostChanges = 20;

  explicit NodeHistory(const Clock& clock) : clock_(clock) {}

  void observe(const std::map<std::string, NodeCheck>& now);  // nodes not among these are forgotten
  const std::map<std::string, protocol::NodeStatus>& nodes() const { return nodes_; }

 private:
  const Clock& clock_;
  std::map<std::string, protocol::NodeStatus> nodes_;
};

}  // namespace libra::sidecar
