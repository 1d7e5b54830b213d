#include "controller/service/pool_manager.h"

#include <algorithm>
#include <future>

#include "lib/base/ids.h"

namespace libra::service {

using namespace libra::model;

namespace {

Error missing(const std::string& what) { return {ErrorCode::NotFound, what + " not found"}; }

Result<VirtualIp> findVip(Txn& txn, const std::string& text) {
  const auto address = NetAddress::parse(text);
  const auto vip = address ? txn.vips().findByAddress(*address) : std::nullopt;
  if (!vip) return missing("Virtual IP " + text);
  return *vip;
}

std::string objectOf(const VirtualIp& vip) { return "vip/" + std::to_string(vip.id); }

// Both rows are written in the order of their ids, so that two moves never wait for each other.
void hold(Txn& txn, std::int64_t one, std::int64_t other) {
  for (const auto id : {std::min(one, other), std::max(one, other)})
    if (id != 0) txn.devices().raiseGeneration(id);
}

}  // namespace

Status PoolManager::build(NewDevice& made) {
  const auto name = options_.name_prefix + "-" + randomHex(4);
  auto built = provider_.build({name});
  if (!built) return built.error();
  made = *std::move(built);
  const auto answered = answers(made.name);
  if (answered) return ok();
  if (auto gone = provider_.destroy(made.name); !gone)
    return Error{ErrorCode::Internal, answered.error().message + ", and it could not be destroyed"};
  return answered;
}

Status PoolManager::answers(const std::string& device) {
  auto told = std::make_shared<std::promise<Status>>();
  auto answer = told->get_future();
  gateway_.discover(device, options_.answer_within, [told](Result<protocol::Answer> got) {
    told->set_value(got && got->pass ? ok() : Status(Error{ErrorCode::Unavailable, "The device does not answer"}));
  });
  return answer.get();
}

Status PoolManager::remove(const std::string& device) {
  const auto rows = devices_.list({.status = {}, .name = device, .address = {}, .vip = {}});
  if (!rows) return rows.error();
  if (!rows->empty()) {
    if (!rows->front().load_balancers.empty())
      return Error{ErrorCode::Conflict, "Device " + device + " carries load balancers"};
    const auto removed = devices_.remove(rows->front().device.id);
    return removed ? ok() : Status(removed.error());
  }
  const auto machines = provider_.list();
  if (!machines) return machines.error();
  if (std::find(machines->begin(), machines->end(), device) == machines->end()) return missing("Device " + device);
  return provider_.destroy(device);
}

Result<VirtualIp> PoolManager::spareVip() {
  return context_.store.transact([&](Txn& txn) -> Result<VirtualIp> {
    auto vip = txn.vips().findFree(context_.clock.now());
    if (!vip) return Error{ErrorCode::Unavailable, "No virtual IP is free"};
    return *vip;
  });
}

Status PoolManager::assign(const std::string& device, const std::string& address) {
  std::int64_t from = 0, to = 0;
  const auto moved = context_.store.transact([&](Txn& txn) -> Status {
    const auto target = txn.devices().findByName(device);
    if (!target || target->status == DeviceStatus::Deleted) return missing("Device " + device);
    const auto seen = findVip(txn, address);
    if (!seen) return seen.error();
    hold(txn, seen->device, target->id);
    const auto vip = findVip(txn, address);
    if (!vip) return vip.error();
    if (vip->device != seen->device) return Error{ErrorCode::Conflict, "The virtual IP has just moved, try again"};
    from = vip->device, to = target->id;
    if (from == to) return ok();
    txn.vips().moveTo(vip->id, to);
    txn.journal().event({"vip.moved", objectOf(*vip), "to device " + device}, context_.clock.now());
    return ok();
  });
  if (!moved) return moved;
  context_.wake(to);
  if (from != 0 && from != to) context_.wake(from);
  return ok();
}

Status PoolManager::withdraw(const std::string& device, const std::string& address) {
  const auto held = context_.store.transact([&](Txn& txn) -> Result<VirtualIp> {
    const auto vip = findVip(txn, address);
    if (!vip) return vip.error();
    const auto holder = txn.devices().findByName(device);
    if (!holder) return missing("Device " + device);
    if (vip->device != holder->id) return Error{ErrorCode::Conflict, "Device " + device + " does not hold " + address};
    return *vip;
  });
  return held ? free(*held) : Status(held.error());
}

Status PoolManager::release(const std::string& address) {
  const auto vip = context_.store.transact([&](Txn& txn) { return findVip(txn, address); });
  return vip ? free(*vip) : Status(vip.error());
}

// Unless it has moved since it was seen.
Status PoolManager::free(const VirtualIp& seen) {
  if (seen.device == 0) return ok();
  const auto freed = context_.store.transact([&](Txn& txn) -> Status {
    txn.devices().raiseGeneration(seen.device);
    const auto vip = txn.vips().find(seen.id);
    if (!vip || vip->epoch != seen.epoch) return Error{ErrorCode::Conflict, "The virtual IP has just moved, try again"};
    const auto now = context_.clock.now();
    txn.vips().release(vip->id, now + context_.vip_quarantine);
    txn.journal().event({"vip.released", objectOf(*vip), "by the operator"}, now);
    return ok();
  });
  if (freed) context_.wake(seen.device);
  return freed;
}

}  // namespace libra::service
