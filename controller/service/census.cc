#include "controller/service/census.h"

namespace libra::service {

int Census::devicesIn(model::DeviceStatus status) const {
  int sum = 0;
  for (const auto& [key, count] : devices)
    if (key.first == status) sum += count;
  return sum;
}

Result<Census> takeCensus(Store& store, const Clock& clock) {
  return store.transact([&](Txn& txn) -> Result<Census> {
    const auto now = clock.now();
    return Census{txn.devices().countsByZone(),
                  txn.devices().countSpares(),
                  txn.vips().counts(now),
                  txn.loadBalancers().counts(),
                  txn.devices().backlog(),
                  txn.loadBalancers().oldestPending(),
                  now};
  });
}

}  // namespace libra::service
