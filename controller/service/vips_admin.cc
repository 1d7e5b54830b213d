#include "controller/service/vips_admin.h"

namespace libra::service {

using namespace libra::model;

Result<std::vector<VirtualIp>> VipsAdmin::list() {
  return context_.store.transact([](Txn& txn) -> Result<std::vector<VirtualIp>> { return txn.vips().held(); });
}

Result<VirtualIp> VipsAdmin::find(std::int64_t id) {
  return context_.store.transact([&](Txn& txn) -> Result<VirtualIp> {
    auto vip = txn.vips().find(id);
    if (!vip) return Error{ErrorCode::NotFound, "Virtual IP " + std::to_string(id) + " not found"};
    return *std::move(vip);
  });
}

Result<VipsAdmin::Moved> VipsAdmin::move(std::int64_t id, std::int64_t spare) {
  const auto vip = find(id);
  if (!vip) return vip.error();
  if (vip->device == 0) return Error{ErrorCode::Invalid, "No device holds virtual IP " + vip->address.str()};
  const auto target = failover_.drain(vip->device, spare);
  if (!target) return target.error();
  return Moved{vip->device, target->id};
}

}  // namespace libra::service
