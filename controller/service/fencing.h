#pragma once

#include <map>
#include <string>

#include "controller/service/load_balancers.h"
#include "controller/service/provider.h"
#include "lib/base/locked.h"
#include "lib/metrics/histogram.h"

namespace libra::service {

// Cuts off what was replaced, and remembers the devices that could not be: they may hold the VIPs
// that another one serves by now. Thread-safe.
class Fencing {
 public:
  Fencing(Context context, Provider& provider) : context_(std::move(context)), provider_(provider) {}

  // `target` carries now what `device` did; none: nothing does. Blocks.
  void cutOff(const model::Device& device, const std::optional<model::Device>& target);
  void gaveUp(const std::string& device) { unfenced_.lock()->erase(device); }  // it is known to hold none of them

  int twoHolders() const;  // VIPs that a device we could not fence may hold too
  const metrics::Histogram& duration() const { return duration_; }

 private:
  void tellTwoHolders(const model::Device& device, const model::Device& target);

  const Context context_;
  Provider& provider_;
  metrics::Histogram duration_;
  mutable Locked<std::map<std::string, int>> unfenced_;  // device → VIPs it may still hold
};

}  // namespace libra::service
