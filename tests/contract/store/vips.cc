#include "tests/contract/store/rows.h"

namespace libra::test::rows {

TEST_P(StoreContract, AVipIsInsertedOnce) {
  const auto id = addVip("10.77.9.1", 24);
  EXPECT_EQ(addVip("10.77.9.1", 32), id);
  const auto found = in([&](Txn& txn) { return txn.vips().find(id); });
  EXPECT_EQ(found->address, address("10.77.9.1"));
  EXPECT_EQ(found->prefix, 24);
  EXPECT_EQ(found->device, 0);
  EXPECT_EQ(found->epoch, 0u);
  EXPECT_FALSE(in([&](Txn& txn) { return txn.vips().find(id + 1000); }));
}

TEST_P(StoreContract, EachNewHolderRaisesAVipsEpoch) {
  const auto on = addDevice("d"), next = addDevice("e");
  const auto id = addVip("200.77.9.1");
  run([&](Txn& txn) {
    auto& vips = txn.vips();
    EXPECT_EQ(vips.countFree(kNow), 1);
    const auto claimed = vips.claimFree(on, kNow);
    ASSERT_TRUE(claimed);
    EXPECT_EQ(claimed->id, id);
    EXPECT_EQ(claimed->device, on);
    EXPECT_EQ(claimed->epoch, 1u);
    EXPECT_EQ(vips.countFree(kNow), 0);
    EXPECT_FALSE(vips.claimFree(next, kNow));
    EXPECT_THAT(idsOf(vips.ofDevice(on)), ElementsAre(id));
    EXPECT_THAT(vips.ofDevice(next), IsEmpty());
    EXPECT_THAT(vips.ofDevice(0), IsEmpty());

    vips.release(id, kNow);
    EXPECT_EQ(vips.claimFree(next, kNow)->epoch, 2u);
  });
}

TEST_P(StoreContract, AReleasedVipIsQuarantined) {
  const auto on = addDevice("d");
  const auto one = addVip("10.77.9.1"), two = addVip("10.77.9.2");
  run([&](Txn& txn) {
    auto& vips = txn.vips();
    vips.claimFree(on, kNow);
    vips.claimFree(on, kNow);
    vips.release(one, kNow + 2s);
    vips.release(two, kNow + 1s);
    EXPECT_EQ(vips.countFree(kNow), 0);
    EXPECT_FALSE(vips.claimFree(on, kNow));
    EXPECT_EQ(vips.countFree(kNow + 2s), 2);
    EXPECT_EQ(vips.claimFree(on, kNow + 2s)->id, two) << "the one longest free";
  });
}

// A store may search once for many claims.
TEST_P(StoreContract, AVipThatIsNotFreeAnyMoreIsNotClaimed) {
  const auto on = addDevice("d");
  const auto one = addVip("10.77.9.1"), two = addVip("10.77.9.2"), three = addVip("10.77.9.3");
  const auto claim = [&] { return in([&](Txn& txn) { return txn.vips().claimFree(on, kNow); }); };
  EXPECT_EQ(claim()->id, one);
  run([&](Txn& txn) { txn.vips().moveTo(two, on); });
  run([&](Txn& txn) { txn.vips().release(three, kNow + 1s); });
  EXPECT_FALSE(claim());
  run([&](Txn& txn) { txn.vips().release(two, kNow); });
  const auto again = claim();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id, two);
  EXPECT_EQ(again->epoch, 2u) << "as it is now, not as it was found first";
}

TEST_P(StoreContract, AFreeVipIsSeenWithoutBeingClaimed) {
  EXPECT_FALSE(in([](Txn& txn) { return txn.vips().findFree(kNow); }));
  const auto one = addVip("10.77.9.1");
  const auto on = addDevice("d");
  run([&](Txn& txn) {
    EXPECT_EQ(txn.vips().findFree(kNow)->id, one);
    EXPECT_EQ(txn.vips().claimFree(on, kNow)->id, one);
    txn.vips().release(one, kNow + 1s);
    EXPECT_FALSE(txn.vips().findFree(kNow));
    EXPECT_EQ(txn.vips().findFree(kNow + 1s)->device, 0);
  });
}

TEST_P(StoreContract, ManyAtOnceClaimEachVipOnce) {
  constexpr int kVips = 30;
  const auto on = addDevice("d");
  run([&](Txn& txn) {
    for (int i = 0; i < kVips; ++i) txn.vips().insert(NetAddress::fromV4(0x0A4D0901u + static_cast<unsigned>(i)), 24);
  });
  std::mutex mutex;
  std::vector<std::int64_t> claimed;
  inParallel(8, [&](int) {
    while (const auto vip = in([&](Txn& txn) { return txn.vips().claimFree(on, kNow); })) {
      std::lock_guard lock(mutex);
      claimed.push_back(vip->id);
    }
  });
  EXPECT_EQ(claimed.size(), kVips);
  EXPECT_EQ(std::set(claimed.begin(), claimed.end()).size(), kVips);
}

}  // namespace libra::test::rows
