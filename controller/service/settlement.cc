#include "controller/service/settlement.h"

#include <algorithm>

#include "controller/service/node_health.h"

namespace libra::service {

using namespace libra::model;

namespace {

// Journal kinds are lower case words: "loadbalancer.active", "loadbalancer.error".
std::string kindOf(std::string_view object, std::string_view status) {
  std::string kind(object);
  kind += '.';
  for (char c : status) kind += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return kind;
}

}  // namespace

Settled Settlement::applied(std::int64_t id, std::uint64_t generation) {
  const auto device = txn_.devices().lock(id);
  if (!device) return settled_;
  if (generation > device->generation) {
    // The rows were set back, or the machine has another life behind it. The sweep
    // sends what is due now; a device that lies cannot make us hurry.
    txn_.devices().raiseGeneration(id, generation);
    return settled_;
  }
  settled_.more = device->generation > std::max(generation, device->applied_generation);
  if (generation <= device->applied_generation) return settled_;

  const auto load_balancers = txn_.loadBalancers().onDevice(id);
  for (const auto& lb : load_balancers)
    if (lb.generation <= generation) confirm(lb);
  settled_.counters["loadbalancers_updated"] = 1;

  const auto status = settled_.more ? device->status : conclude(*device, load_balancers.size() - removed_);
  if (status != device->status) tell(*device, status, "");
  txn_.devices().markApplied(id, generation, status);
  if (device->status == DeviceStatus::Building && status == DeviceStatus::Online)
    settled_.due = txn_.devices().endPostponed(id);
  return finished();
}

// What becomes of a device that runs all it should. Without load balancers it gives up its VIPs.
DeviceStatus Settlement::conclude(const Device& device, std::size_t load_balancers) {
  if (device.status == DeviceStatus::Offline) return device.status;
  if (load_balancers == 0) {
    releaseVips(device.id);
    settled_.released = true;
    return DeviceStatus::Deleted;
  }
  return device.status == DeviceStatus::Deleted ? device.status : DeviceStatus::Online;
}

Settled Settlement::failed(std::int64_t id, std::uint64_t generation, const std::string& text, bool answered) {
  const auto device = recordFailure(id, generation, text);
  if (!device || !answered || device->attempts < options_.attempts) return settled_;
  giveUp(*device, text, [&](const LoadBalancer& lb) { return lb.generation > device->applied_generation; });
  return finished();
}

Settled Settlement::overdue(std::int64_t id) {
  const auto seen = txn_.devices().find(id);
  if (!seen) return settled_;
  const std::string text = seen->attempts > 0 && !seen->last_error.empty() ? seen->last_error : std::string(kNoAnswer);
  const auto device = recordFailure(id, seen->generation, text);
  if (device) giveUp(*device, text, [&](const LoadBalancer& lb) { return lb.deadline <= now_; });
  return finished();
}

// The device as it is afterwards, its row ours; none when another generation is wanted by now.
std::optional<Device> Settlement::recordFailure(std::int64_t id, std::uint64_t generation, const std::string& text) {
  const auto seen = txn_.devices().find(id);
  if (!seen) return std::nullopt;
  txn_.devices().recordFailure(id, generation, text, now_ + options_.backoff.delay(seen->attempts));
  auto device = txn_.devices().find(id);
  if (!device || device->generation == generation) return device;
  settled_.more = device->generation > device->applied_generation;
  return std::nullopt;
}

void Settlement::confirm(const LoadBalancer& lb) {
  if (lb.status == LbStatus::PendingDelete) return erase(lb);
  const bool degraded = hasFailedNode(lb);
  const auto to = next(lb.status, degraded ? LbEvent::AppliedDegraded : LbEvent::Applied);
  if (to) move(lb, *to, degraded ? kNodeFailed : "");
}

void Settlement::giveUp(const Device& device, const std::string& text,
                        const std::function<bool(const LoadBalancer&)>& waits) {
  const auto load_balancers = txn_.loadBalancers().onDevice(device.id);
  for (const auto& lb : load_balancers)
    if (waits(lb)) abandon(lb, text);
  if (settled_.counters.empty()) return;
  if (removed_ < load_balancers.size())
    move(device, DeviceStatus::Error);
  else
    retire(device);
}

// Whatever the device says, a deletion ends in DELETED (spec 2.1).
void Settlement::abandon(const LoadBalancer& lb, const std::string& text) {
  if (lb.status == LbStatus::PendingDelete) return erase(lb);
  if (lb.status == LbStatus::Active || lb.status == LbStatus::Degraded) return;  // waits for nothing
  const auto to = next(lb.status, LbEvent::ApplyFailed);
  if (!to) return;
  move(lb, *to, text);
  ++settled_.counters["loadbalancers_error"];
}

void Settlement::erase(const LoadBalancer& lb) {
  txn_.loadBalancers().markDeleted(lb.id, now_);
  txn_.tenants().releaseLoadBalancer(lb.tenant);
  tell(lb, LbStatus::Deleted, "");
  ++settled_.counters["loadbalancers_deleted"];
  ++removed_;
}

void Settlement::move(const LoadBalancer& lb, LbStatus to, std::string_view text) {
  if (to == lb.status && text == lb.status_description) return;
  if (!txn_.loadBalancers().setStatus(lb.id, lb.status, to, text) || to == lb.status) return;
  tell(lb, to, text);
}

// Devices are single use: the pool destroys this one, and frees a VIP it may still hold.
void Settlement::retire(const Device& device) {
  move(device, DeviceStatus::Deleted);
  settled_.released = true;
}

void Settlement::move(const Device& device, DeviceStatus to) {
  if (device.status == to || device.status == DeviceStatus::Deleted) return;
  if (txn_.devices().setStatus(device.id, device.status, to)) tell(device, to, device.last_error);
}

void Settlement::tell(const LoadBalancer& lb, LbStatus to, std::string_view text) {
  events_.push_back({kindOf("loadbalancer", name(to)), "loadbalancer/" + std::to_string(lb.id), std::string(text)});
}

void Settlement::tell(const Device& device, DeviceStatus to, std::string_view text) {
  events_.push_back({kindOf("device", name(to)), "device/" + std::to_string(device.id), std::string(text)});
}

Settled Settlement::finished() {
  txn_.journal().append(events_, now_);
  return settled_;
}

void Settlement::releaseVips(std::int64_t device) {
  for (const auto& vip : txn_.vips().ofDevice(device)) {
    txn_.vips().release(vip.id, now_ + context_.vip_quarantine);
    ++settled_.counters["vips_deleted"];
  }
}

}  // namespace libra::service
