#include "tests/contract/store/rows.h"

namespace libra::test::rows {

TEST_P(StoreContract, AnErrorUndoesAllOfTheBody) {
  const auto failed = store->transact([&](Txn& txn) -> Result<int> {
    txn.vips().insert(address("10.77.9.1"), 24);
    txn.tenants().reserveLoadBalancer("a", 1);
    return Error{ErrorCode::OverLimit, "enough"};
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::OverLimit);
  EXPECT_EQ(failed.error().message, "enough");
  EXPECT_EQ(in([](Txn& txn) { return txn.vips().countFree(kNow); }), 0);
  EXPECT_TRUE(in([](Txn& txn) { return txn.tenants().reserveLoadBalancer("a", 1); }));
}

TEST_P(StoreContract, WhatNoCallerCanActOnIsAnInternalErrorAndUndoesAll) {
  addDevice("one");
  const auto failed = store->transact([&](Txn& txn) -> Result<int> {
    txn.vips().insert(address("10.77.9.1"), 24);
    model::NewDevice again;
    again.name = "one";
    txn.devices().insert(again, kNow);
    return 1;
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::Internal);
  EXPECT_EQ(failed.error().message, "Internal error");
  EXPECT_EQ(in([](Txn& txn) { return txn.vips().countFree(kNow); }), 0);
}

TEST_P(StoreContract, ATransactionSeesItsOwnWrites) {
  const auto on = addDevice("d");
  run([&](Txn& txn) {
    const auto id = txn.loadBalancers().insert(wanted("web"), on, 1, kNow, kDeadline).id;
    EXPECT_TRUE(txn.loadBalancers().find("a", id));
    txn.loadBalancers().setStatus(id, LbStatus::Build, LbStatus::Active, "");
    EXPECT_EQ(txn.loadBalancers().find("a", id)->status, LbStatus::Active);
  });
}

// All of it at once, as a create does.
TEST_P(StoreContract, ManyCreatesAtOnceShareNothing) {
  constexpr int kCreates = 24;
  for (int i = 0; i < kCreates; ++i) {
    addDevice("d" + std::to_string(i));
    addVip("10.77.9." + std::to_string(i + 1));
  }
  std::atomic<int> created = 0;
  inParallel(6, [&](int thread) {
    for (int i = 0; i < kCreates / 6; ++i) {
      const auto done = store->transact([&](Txn& txn) -> Result<std::int64_t> {
        const auto tenant = "t" + std::to_string(thread % 2);
        if (!txn.tenants().reserveLoadBalancer(tenant, 100)) return Error{ErrorCode::OverLimit, ""};
        const auto spare = txn.devices().claimSpare({});
        if (!spare || !txn.vips().claimFree(spare->id, kNow)) return Error{ErrorCode::Unavailable, ""};
        return txn.loadBalancers().insert(wanted("web", tenant), spare->id, spare->generation, kNow, kDeadline).id;
      });
      created += bool(done);
    }
  });
  EXPECT_EQ(created, kCreates);
  std::set<std::int64_t> devices, vips;
  run([&](Txn& txn) {
    for (const char* tenant : {"t0", "t1"})
      for (const auto& lb : txn.loadBalancers().list(tenant, false)) {
        const auto whole = txn.loadBalancers().find(tenant, lb.id);
        devices.insert(whole->device);
        vips.insert(whole->virtual_ip->id);
      }
  });
  EXPECT_EQ(devices.size(), kCreates);
  EXPECT_EQ(vips.size(), kCreates);
}

}  // namespace libra::test::rows
