#pragma once

// What every implementation of the store port must do. An implementation joins with
//   INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, ::testing::Values(StoreMaker{…}));

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "controller/service/store.h"

namespace libra::test {

// A store of nothing but the schema's seeds, with what keeps it alive.
using StoreMaker = std::function<std::shared_ptr<service::Store>()>;

class StoreContract : public ::testing::TestWithParam<StoreMaker> {
 protected:
  // Runs a body that cannot fail and gives what it returns.
  template <typename Body>
  auto in(Body body) {
    using T = std::invoke_result_t<Body, service::Txn&>;
    auto done = store->transact([&](service::Txn& txn) -> Result<T> { return body(txn); });
    if (!done) throw std::runtime_error(done.error().message + ": " + done.error().detail);
    return std::move(*done);
  }
  template <typename Body>
  void run(Body body) {
    in([&](service::Txn& txn) {
      body(txn);
      return true;
    });
  }

  std::int64_t addDevice(const std::string& name);
  std::int64_t addVip(const std::string& address, int prefix = 24);
  // A load balancer of tenant "a" on a device of its own.
  std::int64_t addLoadBalancer(const std::string& name = "web");
  std::int64_t addLoadBalancer(const model::NewLoadBalancer& wanted, std::int64_t device);
  model::LoadBalancer loadBalancer(std::int64_t id, const std::string& tenant = "a");
  model::Device device(std::int64_t id);

  std::shared_ptr<service::Store> store = GetParam()();
};

}  // namespace libra::test
