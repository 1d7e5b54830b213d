#include "tests/contract/store/store_contract.h"

#include "tests/contract/store/rows.h"

namespace libra::test {

std::int64_t StoreContract::addDevice(const std::string& name) {
  model::NewDevice device;
  device.name = name;
  device.address = "10.77.2.1";
  return in([&](service::Txn& txn) { return txn.devices().insert(device, rows::kNow); });
}

std::int64_t StoreContract::addVip(const std::string& text, int prefix) {
  return in([&](service::Txn& txn) { return txn.vips().insert(rows::address(text.c_str()), prefix); });
}

std::int64_t StoreContract::addLoadBalancer(const std::string& name) {
  return addLoadBalancer(rows::wanted(name), addDevice("for-" + name));
}

std::int64_t StoreContract::addLoadBalancer(const model::NewLoadBalancer& lb, std::int64_t on) {
  return in([&](service::Txn& txn) { return txn.loadBalancers().insert(lb, on, 1, rows::kNow, rows::kDeadline).id; });
}

model::LoadBalancer StoreContract::loadBalancer(std::int64_t id, const std::string& tenant) {
  return in([&](service::Txn& txn) { return txn.loadBalancers().find(tenant, id); }).value();
}

model::Device StoreContract::device(std::int64_t id) {
  return in([&](service::Txn& txn) { return txn.devices().find(id); }).value();
}

}  // namespace libra::test
