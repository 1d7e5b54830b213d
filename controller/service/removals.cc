#include "controller/service/removals.h"

#include "controller/service/usage_collection.h"
#include "lib/log/log.h"

namespace libra::service {

namespace {

constexpr log::Logger kLog{"pool"};

// It confirmed that it runs nothing any more. Others are dead, or never served: not waited for.
bool endedInOrder(const model::Device& device) {
  return device.applied_generation > 0 && device.applied_generation >= device.generation;
}

}  // namespace

Removals::Removals(Context context, Provider& provider, DeviceGateway& gateway, DeviceSync::Run run, Backoff backoff)
    : context_(std::move(context)), provider_(provider), gateway_(gateway), run_(std::move(run)), backoff_(backoff) {}

void Removals::remove(const model::Device& device, const model::Tenure& tenure) {
  {
    auto removals = removals_.lock();
    auto& removal = (*removals)[device.id];
    if (removal.under_way || context_.clock.monotonic() < removal.not_before) return;
    removal.under_way = true;
  }
  run_([self = shared_from_this(), device, tenure] { self->begin(device, tenure); });
}

void Removals::begin(const model::Device& device, const model::Tenure& tenure) {
  const auto work = [self = shared_from_this(), device, tenure] { self->work(device, tenure); };
  if (!endedInOrder(device)) return work();
  collectLastUsage(context_, gateway_, run_, device, tenure, work);
}

void Removals::work(const model::Device& device, const model::Tenure& tenure) {
  const auto gone = destroy(device, tenure);
  auto removals = removals_.lock();
  if (gone) {
    removals->erase(device.id);
    return kLog.info("device {} ({}) is gone", device.id, device.name);
  }
  kLog.warn("device {} cannot be removed: {} {}", device.id, gone.error().message, gone.error().detail);
  auto& removal = (*removals)[device.id];
  removal.under_way = false;
  removal.not_before = context_.clock.monotonic() + backoff_.delay(removal.failures++);
}

// The machine first: until it is gone, it may hold its VIP.
Status Removals::destroy(const model::Device& device, const model::Tenure& tenure) {
  if (auto gone = provider_.destroy(device.name); !gone) return gone;
  const auto now = context_.clock.now();
  const auto freed = context_.store.transact([&](Txn& txn) -> Result<std::size_t> {
    if (auto ours = fence(txn, tenure); !ours) return ours.error();
    const auto vips = txn.vips().ofDevice(device.id);
    for (const auto& vip : vips) txn.vips().release(vip.id, now + context_.vip_quarantine);
    txn.devices().remove(device.id);
    txn.journal().event({"device.removed", "device/" + std::to_string(device.id), device.name}, now);
    return vips.size();
  });
  if (!freed) return freed.error();
  context_.counters.add("devices_deleted");
  if (*freed > 0) context_.counters.add("vips_deleted", static_cast<std::int64_t>(*freed));
  return ok();
}

}  // namespace libra::service
