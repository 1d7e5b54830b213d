#pragma once

#include <utility>

#include "sidecar/steer/steering.h"

namespace libra::sidecar {

// One attempt to have a connection led away from where it went: a listener, and beside it
// a target on the same loopback address where nobody listens.
class Trial {
 public:
  static Result<Trial> begin(const NetAddress& loopback);

  bool possible() const { return static_cast<bool>(listener_); }  // false: the machine lacks the address
  const Destination& target() const { return target_; }
  int listener() const { return listener_.get(); }
  bool arrives() const;  // a connection to the target, at the listener; waits a second at most

 private:
  Trial(Destination target, Fd listener, Fd reserved)
      : target_(std::move(target)), listener_(std::move(listener)), reserved_(std::move(reserved)) {}

  Destination target_;
  Fd listener_, reserved_;  // the target's port is bound, so that it stays free
};

}  // namespace libra::sidecar
