#include "tests/contract/store/rows.h"

namespace libra::test::rows {

TEST_P(StoreContract, TheOperatorSeesEveryTenantsLoadBalancers) {
  const auto on = addDevice("d");
  const auto a = addLoadBalancer(wanted("web", "a"), on), b = addLoadBalancer(wanted("web", "b"), on);
  const auto gone = addLoadBalancer(wanted("old", "b"), on);
  run([&](Txn& txn) { txn.loadBalancers().markDeleted(gone, kNow); });
  run([&](Txn& txn) {
    const auto all = txn.loadBalancers().listAll();
    EXPECT_THAT(idsOf(all), ElementsAre(a, b));
    EXPECT_EQ(all[1].tenant, "b");
    EXPECT_EQ(all[1].node_count, 2);
    EXPECT_EQ(txn.loadBalancers().findAny(b)->nodes.size(), 2u);
    EXPECT_FALSE(txn.loadBalancers().findAny(gone));
    EXPECT_FALSE(txn.loadBalancers().findAny(9999));
    EXPECT_EQ(txn.loadBalancers().counts(), (std::map<LbStatus, int>{{LbStatus::Build, 2}, {LbStatus::Deleted, 1}}));
  });
}

TEST_P(StoreContract, ALoadBalancerMovesToAnotherDevice) {
  const auto from = addDevice("d1"), to = addDevice("d2");
  const auto id = addLoadBalancer(wanted("web"), from);
  run([&](Txn& txn) { txn.loadBalancers().moveTo(id, to); });
  run([&](Txn& txn) {
    EXPECT_THAT(txn.loadBalancers().onDevice(from), IsEmpty());
    EXPECT_THAT(idsOf(txn.loadBalancers().onDevice(to)), ElementsAre(id));
  });
}

TEST_P(StoreContract, AVipMovesToAnotherDeviceWithAHigherEpoch) {
  const auto from = addDevice("d1"), to = addDevice("d2");
  addVip("10.77.9.1");
  const auto vip = *in([&](Txn& txn) { return txn.vips().claimFree(from, kNow); });
  run([&](Txn& txn) { txn.vips().moveTo(vip.id, to); });
  run([&](Txn& txn) {
    EXPECT_THAT(txn.vips().ofDevice(from), IsEmpty());
    EXPECT_THAT(idsOf(txn.vips().held()), ElementsAre(vip.id));
    const auto moved = txn.vips().findByAddress(address("10.77.9.1"));
    EXPECT_EQ(moved->device, to);
    EXPECT_EQ(moved->epoch, vip.epoch + 1);
    EXPECT_FALSE(txn.vips().findByAddress(address("10.77.9.2")));
  });
}

TEST_P(StoreContract, VipsAreCountedByWhatTheyAreGoodFor) {
  const auto on = addDevice("d");
  for (const char* text : {"10.77.9.1", "10.77.9.2", "10.77.9.3"}) addVip(text);
  run([&](Txn& txn) {
    txn.vips().claimFree(on, kNow);
    txn.vips().release(txn.vips().claimFree(on, kNow)->id, kNow + 60s);
    const auto counts = txn.vips().counts(kNow);
    EXPECT_EQ(counts.held, 1);
    EXPECT_EQ(counts.free, 1);
    EXPECT_EQ(counts.quarantined, 1);
  });
}

TEST_P(StoreContract, ADeviceInMaintenanceIsNoSpare) {
  const auto one = addDevice("d1"), two = addDevice("d2");
  run([&](Txn& txn) {
    txn.devices().setMaintenance(one, true);
    EXPECT_TRUE(txn.devices().find(one)->maintenance);
    EXPECT_FALSE(txn.devices().find(two)->maintenance);
    EXPECT_EQ(txn.devices().countSpares(), 1);
    EXPECT_EQ(txn.devices().claimSpare({})->id, two);
    EXPECT_FALSE(txn.devices().claimSpare({}));
    txn.devices().setMaintenance(one, false);
    EXPECT_EQ(txn.devices().claimSpare({})->id, one);
  });
}

TEST_P(StoreContract, DevicesAreCountedByStatusAndZone) {
  const auto id = addDevice("d1");
  model::NewDevice elsewhere;
  elsewhere.name = "d2";
  elsewhere.zone = "z2";
  run([&](Txn& txn) { txn.devices().insert(elsewhere, kNow); });
  run([&](Txn& txn) { txn.devices().setStatus(id, DeviceStatus::Offline, DeviceStatus::Error); });
  EXPECT_THAT(in([](Txn& txn) { return txn.devices().countsByZone(); }),
              UnorderedElementsAre(Pair(Pair(DeviceStatus::Error, ""), 1), Pair(Pair(DeviceStatus::Offline, "z2"), 1)));
}

TEST_P(StoreContract, TheBacklogIsWhatDevicesDoNotRunYet) {
  const auto backlog = [&] { return in([](Txn& txn) { return txn.devices().backlog(); }); };
  EXPECT_EQ(backlog().devices, 0);
  EXPECT_EQ(backlog().oldest, std::nullopt);
  EXPECT_EQ(in([](Txn& txn) { return txn.loadBalancers().oldestPending(); }), std::nullopt);

  const auto on = addDevice("d1"), idle = addDevice("d2");
  const auto id = addLoadBalancer(wanted("web"), on);
  run([&](Txn& txn) {
    txn.devices().raiseGeneration(on);
    txn.devices().raiseGeneration(idle);
    txn.loadBalancers().setPending(id, 1, kNow - 5s, kDeadline);
  });
  EXPECT_EQ(backlog().devices, 2);
  EXPECT_EQ(backlog().oldest, kNow - 5s);
  EXPECT_EQ(in([](Txn& txn) { return txn.loadBalancers().oldestPending(); }), kNow - 5s);

  run([&](Txn& txn) {
    for (const auto device : {on, idle}) txn.devices().markApplied(device, 1, DeviceStatus::Online);
    txn.loadBalancers().setStatus(id, LbStatus::Build, LbStatus::Active, "");
  });
  EXPECT_EQ(backlog().devices, 0);
  EXPECT_EQ(backlog().oldest, std::nullopt);
  EXPECT_EQ(in([](Txn& txn) { return txn.loadBalancers().oldestPending(); }), std::nullopt);
}

}  // namespace libra::test::rows
