#include "controller/service/fencing.h"

#include <algorithm>

#include "controller/service/lease_keeper.h"
#include "lib/log/log.h"

namespace libra::service {

using model::Device;

namespace {

constexpr log::Logger kLog{"fencing"};

}  // namespace

void Fencing::cutOff(const Device& device, const std::optional<Device>& target) {
  unfenced_.lock()->try_emplace(device.name, 0);
  const auto begun = context_.clock.monotonic();
  const auto fenced = provider_.fence(device.name);
  duration_.observe(context_.clock.monotonic() - begun);
  if (fenced) {
    gaveUp(device.name);
    return kLog.info("device {} is cut off", device.name);
  }
  kLog.error("device {} cannot be cut off: {}", device.name, fenced.error().message);
  if (target) tellTwoHolders(device, *target);
}

void Fencing::tellTwoHolders(const Device& device, const Device& target) {
  const auto tenure = context_.leases.ofDevice(device.id);
  const auto told = context_.store.transact([&](Txn& txn) -> Result<int> {
    if (!tenure) return Error{ErrorCode::Conflict, "", "its lease is another controller's by now"};
    if (auto ours = service::fence(txn, *tenure); !ours) return ours.error();
    const auto vips = txn.vips().ofDevice(target.id);
    for (const auto& vip : vips)
      txn.journal().event({"vip.two_holders", "vip/" + std::to_string(vip.id),
                           "moved to device " + target.name + ", device " + device.name + " may hold it too"},
                          context_.clock.now());
    return static_cast<int>(vips.size());
  });
  if (!told)
    kLog.warn("device {} may hold VIPs of {}: not in the journal: {}", device.name, target.name, told.error().detail);
  // To tell it may take as long as the database is out of reach, and the device may have given up meanwhile.
  auto unfenced = unfenced_.lock();
  if (const auto still = unfenced->find(device.name); still != unfenced->end()) still->second = told ? *told : 1;
}

void Fencing::forgetDestroyed(const std::vector<Device>& rows) {
  if (!provider_.canBuild()) return;  // nor destroy: the row goes, the machine stays
  const auto exists = [&](const std::string& name) {
    return std::ranges::find(rows, name, &Device::name) != rows.end();
  };
  std::erase_if(*unfenced_.lock(), [&](const auto& device) { return !exists(device.first); });
}

int Fencing::twoHolders() const {
  int sum = 0;
  for (auto unfenced = unfenced_.lock(); const auto& [device, vips] : *unfenced) sum += vips;
  return sum;
}

}  // namespace libra::service
