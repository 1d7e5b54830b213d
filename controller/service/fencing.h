#pragma once

#include <map>
#include <string>
#include <vector>

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
  // It is known to hold none of them: also while it is being cut off.
  void gaveUp(const std::string& device) { unfenced_.lock()->erase(device); }
  // Whoever has no row any more is destroyed and holds none either, if the provider is one that destroys.
  void forgetDestroyed(const std::vector<model::Device>& rows);

  int twoHolders() const;  // VIPs that a device we could not fence may hold too
  const metrics::Histogram& duration() const { return duration_; }

 private:
  void tellTwoHolders(const model::Device& device, const model::Device& target);

  const Context context_;
  Provider& provider_;
  metrics::Histogram duration_;
  // Device → VIPs it may still hold; none as long as it is not known whether it can be cut off.
  mutable Locked<std::map<std::string, int>> unfenced_;
};

}  // namespace libra::service
