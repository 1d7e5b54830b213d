#include "controller/service/device_round.h"

#include <atomic>
#include <set>

#include "controller/service/device_lease.h"
#include "lib/log/log.h"

namespace libra::service {

using namespace libra::model;

namespace {

constexpr log::Logger kLog{"devices"};
constexpr int kMostDevices = 100'000;

}  // namespace

struct DeviceRound::Impl : std::enable_shared_from_this<Impl> {
  Impl(Context c, DeviceSync::Run r, Ask a, Take t)
      : context(std::move(c)), run(std::move(r)), ask_one(std::move(a)), take(std::move(t)) {}

  void askAll();
  void ask(const Device& device, const Tenure& tenure);

  const Context context;
  const DeviceSync::Run run;
  const Ask ask_one;
  const Take take;
  Locked<std::set<std::int64_t>> asked;
  std::atomic<bool> asking{false};
};

void DeviceRound::Impl::askAll() {
  const auto devices = context.store.transact([&](Txn& txn) -> Result<std::vector<Device>> {
    return txn.devices().withStatus(DeviceStatus::Online, kMostDevices);
  });
  if (!devices) return kLog.warn("cannot list the devices: {}", devices.error().detail);
  for (const auto& device : *devices)
    if (const auto tenure = context.leases.ofDevice(device.id)) ask(device, *tenure);
}

void DeviceRound::Impl::ask(const Device& device, const Tenure& tenure) {
  if (!asked.lock()->insert(device.id).second) return;
  ask_one(device, [weak = weak_from_this(), id = device.id, tenure](Result<protocol::Answer> answer) {
    const auto self = weak.lock();
    if (!self) return;
    if (!answer || !answer->pass) {
      kLog.debug("device {} tells nothing: {}", id, answer ? answer->error : answer.error().message);
      self->asked.lock()->erase(id);
      return;
    }
    self->run([self, id, tenure, told = *std::move(answer)] {
      self->take(id, told, tenure);
      self->asked.lock()->erase(id);
    });
  });
}

DeviceRound::DeviceRound(Context context, DeviceSync::Run run, Ask ask, Take take)
    : impl_(std::make_shared<Impl>(std::move(context), std::move(run), std::move(ask), std::move(take))) {}

DeviceRound::~DeviceRound() = default;

void DeviceRound::begin() {
  if (impl_->asking.exchange(true)) return;
  impl_->run([self = impl_] {
    self->askAll();
    self->asking = false;
  });
}

}  // namespace libra::service
