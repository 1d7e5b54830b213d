#include "tests/contract/store/rows.h"

namespace libra::test::rows {

TEST_P(StoreContract, ALeaseIsTakenByWhoeverSawItLast) {
  const auto lease = [&] { return in([](Txn& txn) { return txn.leases().list(); }).at(0); };
  const auto take = [&](const model::Lease& seen, const char* holder) {
    return in([&](Txn& txn) { return txn.leases().take(seen, holder); });
  };
  const model::Lease none{"pool", "", 0, 0};
  EXPECT_TRUE(take(none, "a"));
  EXPECT_FALSE(take(none, "b")) << "there is a row by now";
  EXPECT_EQ(lease().holder, "a");
  EXPECT_EQ(lease().epoch, 1u);

  const auto seen = lease();
  run([](Txn& txn) { txn.leases().renew("a"); });
  EXPECT_FALSE(take(seen, "b")) << "its holder lives";
  run([](Txn& txn) { txn.leases().renew("b"); });
  EXPECT_EQ(lease().beat, seen.beat + 1) << "only the holder renews";
  EXPECT_TRUE(take(lease(), "b"));
  EXPECT_EQ(lease().holder, "b");
  EXPECT_EQ(lease().epoch, 2u);
}

TEST_P(StoreContract, WritesUnderALeaseEndWithItsEpoch) {
  run([](Txn& txn) {
    txn.leases().take({"pool", "", 0, 0}, "a");
    EXPECT_TRUE(txn.leases().write("pool", 1));
    EXPECT_FALSE(txn.leases().write("pool", 2));
    EXPECT_FALSE(txn.leases().write("other", 1));
    txn.leases().take({"pool", "a", 1, 0}, "b");
    EXPECT_FALSE(txn.leases().write("pool", 1));
    EXPECT_TRUE(txn.leases().write("pool", 2));
  });
}

TEST_P(StoreContract, AReleasedLeaseIsNobodysAndAnEndedOneGone) {
  run([](Txn& txn) {
    txn.leases().take({"pool", "", 0, 0}, "a");
    txn.leases().release("pool", 7);
    EXPECT_EQ(txn.leases().list().at(0).holder, "a") << "of another epoch";
    const auto seen = txn.leases().list().at(0);
    txn.leases().release("pool", 1);
    EXPECT_EQ(txn.leases().list().at(0).holder, "");
    txn.leases().remove(seen);
    ASSERT_EQ(txn.leases().list().size(), 1u) << "touched since";
    txn.leases().remove(txn.leases().list().at(0));
    EXPECT_THAT(txn.leases().list(), IsEmpty());
  });
}

TEST_P(StoreContract, OneOfManyTakesALease) {
  std::atomic<int> taken = 0;
  inParallel(8, [&](int i) {
    taken += in([&](Txn& txn) { return txn.leases().take({"pool", "", 0, 0}, std::to_string(i)); });
  });
  EXPECT_EQ(taken, 1);
}

}  // namespace libra::test::rows
