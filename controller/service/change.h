#pragma once

// How every change of a load balancer that exists begins and ends, in one transaction.

#include <optional>
#include <string>

#include "controller/service/load_balancers.h"

namespace libra::service {

// A tenant's load balancer and the generation that will carry its change. The row of its
// device is written, so nothing else changes what the device carries until the
// transaction ends; one that ends in an Error leaves no trace of it.
struct Held {
  model::LoadBalancer lb;
  std::uint64_t generation = 0;  // 0: no device
};

std::optional<Held> hold(Txn& txn, const std::string& tenant, std::int64_t id);  // none: absent or foreign

// To the pending state of `event`, over by the context's deadline; one that waits already keeps its
// own. Returns the device to wake.
Result<std::int64_t> beginChange(Txn& txn, const Context& context, const Held& held, model::LbEvent event);

// After the commit: counts and wakes, or hands the Error on.
Status endChange(const Context& context, const Result<std::int64_t>& device, const std::string& counter);

}  // namespace libra::service
