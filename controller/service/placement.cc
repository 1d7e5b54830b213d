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

namespace {

constexpr int kMostWaiting = 100;  // are looked at
constexpr std::chrono::milliseconds kLookForWaitingEvery{100};

bool waits(const std::vector<LoadBalancer>& load_balancers) {
  return std::any_of(load_balancers.begin(), load_balancers.end(),
                     [](const LoadBalancer& lb) { return lb.status == LbStatus::Rebuilding; });
}

// Taken out of the spares; none: no spare can carry them.
std::optional<Device> takeFitting(std::vector<Device>& spares, const std::vector<LoadBalancer>& load_balancers) {
  const auto needs = needsOf(load_balancers);
  const auto fitting = std::find_if(spares.begin(), spares.end(), [&](const Device& spare) {
    return !spare.maintenance && firstLacking(spare, needs).empty();
  });
  if (fitting == spares.end()) return std::nullopt;
  auto taken = *std::move(fitting);
  spares.erase(fitting);
  return taken;
}

}  // namespace

std::vector<Match> matchWaiting(Txn& txn) {
  std::vector<Match> matches;
  const auto failed = txn.devices().withStatus(DeviceStatus::Error, kMostWaiting);
  if (failed.empty()) return matches;
  auto spares = txn.devices().withStatus(DeviceStatus::Offline, kMostWaiting);
  for (const auto& device : failed) {
    if (spares.empty()) break;
    const auto carries = txn.loadBalancers().onDevice(device.id);
    if (!waits(carries)) continue;
    if (const auto spare = takeFitting(spares, carries)) matches.push_back({device.id, spare->id});
  }
  return matches;
}

// Who comes while another one looks has what was seen before.
std::set<std::int64_t> AwaitedSpares::in(Txn& txn) {
  if (auto seen = seen_.lock(); clock_.monotonic() < seen->until)
    return seen->spares;
  else
    seen->until = clock_.monotonic() + kLookForWaitingEvery;
  std::set<std::int64_t> spares;
  for (const auto& match : matchWaiting(txn)) spares.insert(match.spare);
  seen_.lock()->spares = spares;
  return spares;
}

Status checkCarried(Txn& txn, const LoadBalancer& lb) {
  const auto device = txn.devices().find(lb.device);
  const auto lacking = device ? firstLacking(*device, needsOf({lb})) : "";
  if (lacking.empty()) return ok();
  return Error{ErrorCode::Invalid, "The device of this load balancer cannot carry it so: it has no " + lacking,
               device->name + " by " + device->driver};
}

}  // namespace libra::service
