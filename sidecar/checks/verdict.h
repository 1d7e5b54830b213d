#pragma once

#include <string>

#include "sidecar/checks/probe.h"

namespace libra::sidecar::checks {

// Whether a node is up, by what its checks found: it changes after `attempts` findings in
// a row that say the other, in either direction, as HAProxy's own checks do.
class Verdict {
 public:
  explicit Verdict(bool up = true) : up_(up) {}

  bool add(const Finding& finding, int attempts);  // true: it changed

  bool up() const { return up_; }
  const std::string& reason() const { return reason_; }  // of the last finding

 private:
  bool up_;
  int against_ = 0;
  std::string reason_;
};

}  // namespace libra::sidecar::checks
