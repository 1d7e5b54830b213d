#include "controller/service/placement.h"

#include <algorithm>

#include "controller/service/wanted_state.h"
#include "lib/protocol/needs.h"

namespace libra::service {

using namespace libra::model;

std::vector<std::string> needsOf(const std::vector<LoadBalancer>& load_balancers) {
  std::vector<std::string> words;
  for (const auto& balancer : wantedState({}, load_balancers, {}).load_balancers)
    for (auto& word : protocol::needs(balancer))
      if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(std::move(word));
  return words;
}

std::vector<SparePlace> placesBeside(const Device& from) {
  if (from.zone.empty() && from.host_group.empty()) return {};
  return {{from.zone, from.host_group}, {from.zone, ""}, {"", from.host_group}, {}};
}

Status checkCarried(Txn& txn, const LoadBalancer& lb) {
  const auto device = txn.devices().find(lb.device);
  const auto lacking = device ? firstLacking(*device, needsOf({lb})) : "";
  if (lacking.empty()) return ok();
  return Error{ErrorCode::Invalid, "The device of this load balancer cannot carry it so: it has no " + lacking,
               device->name + " by " + device->driver};
}

}  // namespace libra::service
