#include "controller/service/devices_admin.h"

#include <algorithm>
#include <future>

namespace libra::service {

using namespace libra::model;

namespace {

constexpr std::chrono::seconds kDiscover{10};
constexpr const char* kNotDeleted = "Error deleting device from pool";
constexpr const char* kNotAdded = "Error communicating with load balancer pool";
constexpr std::size_t kLongestName = 128, kLongestAddress = 255, kLongestZone = 64, kLongestDriver = 32;

std::string objectOf(std::int64_t device) { return "device/" + std::to_string(device); }

Error missing(std::int64_t id) { return {ErrorCode::NotFound, "Device " + std::to_string(id) + " not found"}; }
Error notValid() { return {ErrorCode::Invalid, "Device ID is not valid"}; }

// A database that cannot be used has a text of its own in some calls.
Error told(const Error& error, ErrorCode code, const char* text) {
  return error.code == ErrorCode::Unavailable ? Error{code, text, error.detail} : error;
}

bool fits(const NewDevice& device) {
  return !device.name.empty() && device.name.size() <= kLongestName && device.address.size() <= kLongestAddress &&
         device.zone.size() <= kLongestZone && device.driver.size() <= kLongestDriver;
}

bool matches(const DeviceView& view, const DeviceFilter& filter) {
  const auto& device = view.device;
  const bool holds = !filter.vip || std::any_of(view.vips.begin(), view.vips.end(),
                                                [&](const VirtualIp& vip) { return vip.address == *filter.vip; });
  return holds && filter.status.value_or(device.status) == device.status &&
         filter.name.value_or(device.name) == device.name && filter.address.value_or(device.address) == device.address;
}

// The device as it is, its row ours until the transaction ends.
std::optional<Device> hold(Txn& txn, std::int64_t id) {
  if (!txn.devices().find(id)) return std::nullopt;
  txn.devices().raiseGeneration(id);
  return txn.devices().find(id);
}

void releaseVips(Txn& txn, std::int64_t device, Time free_from) {
  for (const auto& vip : txn.vips().ofDevice(device)) txn.vips().release(vip.id, free_from);
}

}  // namespace

Result<std::vector<DeviceView>> DevicesAdmin::list(const DeviceFilter& filter) {
  return context_.store.transact([&](Txn& txn) -> Result<std::vector<DeviceView>> {
    std::map<std::int64_t, DeviceView> views;
    for (auto& device : txn.devices().list()) views[device.id].device = device;
    for (const auto& vip : txn.vips().held())
      if (const auto view = views.find(vip.device); view != views.end()) view->second.vips.push_back(vip);
    for (auto& lb : txn.loadBalancers().listAll())
      if (const auto view = views.find(lb.device); view != views.end()) view->second.load_balancers.push_back(lb);
    std::vector<DeviceView> found;
    for (auto& [id, view] : views)
      if (matches(view, filter)) found.push_back(std::move(view));
    return found;
  });
}

Result<DeviceView> DevicesAdmin::find(std::int64_t id) {
  return context_.store.transact([&](Txn& txn) -> Result<DeviceView> {
    auto device = txn.devices().find(id);
    if (!device) return Error{ErrorCode::NotFound, "device id " + std::to_string(id) + "not found"};
    return DeviceView{*std::move(device), txn.vips().ofDevice(id), txn.loadBalancers().onDevice(id)};
  });
}

Result<DevicesAdmin::Discovered> DevicesAdmin::discover(std::int64_t id) {
  const auto device = context_.store.transact([&](Txn& txn) -> Result<Device> {
    auto found = txn.devices().find(id);
    if (!found) return missing(id);
    return *std::move(found);
  });
  if (!device) return device.error();

  auto told = std::make_shared<std::promise<Result<protocol::Answer>>>();
  auto answered = told->get_future();
  gateway_.discover(device->name, kDiscover,
                    [told](Result<protocol::Answer> answer) { told->set_value(std::move(answer)); });
  const auto answer = answered.get();
  if (!answer || !answer->pass)
    return Error{ErrorCode::Internal, "Could not discover device", answer ? answer->error : answer.error().detail};
  return Discovered{answer->version, answer->body["release"].text()};
}

Result<std::int64_t> DevicesAdmin::remove(std::int64_t id) {
  const auto empty = context_.store.transact([&](Txn& txn) -> Result<bool> {
    const auto device = hold(txn, id);
    if (!device) return missing(id);
    if (!txn.loadBalancers().onDevice(id).empty()) return false;
    if (txn.devices().setStatus(id, device->status, DeviceStatus::Deleted) && device->status != DeviceStatus::Deleted)
      txn.journal().event({"device.deleted", objectOf(id), "by the operator"}, context_.clock.now());
    return true;
  });
  if (!empty) return told(empty.error(), ErrorCode::Internal, kNotDeleted);
  if (*empty) return std::int64_t{0};
  const auto rebuilt = failover_.rebuild(id);
  if (!rebuilt) return told(rebuilt.error(), ErrorCode::Internal, kNotDeleted);
  return rebuilt->id;
}

Result<Device> DevicesAdmin::drain(std::int64_t id) { return failover_.drain(id); }

Status DevicesAdmin::setMaintenance(std::int64_t id, bool on) {
  return context_.store.transact([&](Txn& txn) -> Status {
    if (!txn.devices().find(id)) return missing(id);
    txn.devices().setMaintenance(id, on);
    txn.journal().event({"device.maintenance", objectOf(id), on ? "begins" : "ends"}, context_.clock.now());
    return ok();
  });
}

Result<DeviceView> DevicesAdmin::add(const NewDevice& wanted) {
  if (!fits(wanted)) return Error{ErrorCode::Invalid, kNotAdded, "a text is too long, or the name is empty"};
  auto added = context_.store.transact([&](Txn& txn) -> Result<DeviceView> {
    if (txn.devices().findByName(wanted.name)) return Error{ErrorCode::Invalid, kNotAdded, "the name is taken"};
    const auto now = context_.clock.now();
    const auto id = txn.devices().insert(wanted, now);
    txn.journal().event({"device.added", objectOf(id), "by the operator"}, now);
    return DeviceView{*txn.devices().find(id), {}, {}};
  });
  if (!added) return told(added.error(), ErrorCode::Invalid, kNotAdded);
  return added;
}

Status DevicesAdmin::report(std::int64_t id, bool online, const std::string& description) {
  return context_.store.transact([&](Txn& txn) -> Status {
    const auto device = txn.devices().find(id);
    const auto status = online ? DeviceStatus::Online : DeviceStatus::Error;
    if (!device || device->status == DeviceStatus::Deleted || !txn.devices().setStatus(id, device->status, status))
      return notValid();
    for (const auto& lb : txn.loadBalancers().onDevice(id))
      if (lb.status != LbStatus::PendingDelete)  // it goes, whatever its device is said to be
        txn.loadBalancers().setStatus(lb.id, lb.status, online ? LbStatus::Active : LbStatus::Error, description);
    txn.journal().event({online ? "device.online" : "device.error", objectOf(id), description}, context_.clock.now());
    return ok();
  });
}

Status DevicesAdmin::forget(std::int64_t id) {
  const auto forgotten = context_.store.transact([&](Txn& txn) -> Status {
    if (!hold(txn, id)) return notValid();
    if (!txn.loadBalancers().onDevice(id).empty()) return Error{ErrorCode::Invalid, "Device belongs to a loadbalancer"};
    releaseVips(txn, id, context_.clock.now() + context_.vip_quarantine);
    txn.devices().remove(id);
    txn.journal().event({"device.forgotten", objectOf(id), "by the operator"}, context_.clock.now());
    return ok();
  });
  if (!forgotten) return told(forgotten.error(), ErrorCode::Internal, kNotDeleted);
  return forgotten;
}

}  // namespace libra::service
