#include "tests/contract/store/rows.h"

namespace libra::test::rows {

TEST_P(StoreContract, AKeyIsClaimedOnceAndRemembersTheAnswer) {
  const auto claim = [](Txn& txn, const char* tenant, const char* key) {
    return txn.requests().claim(tenant, key, "print", kNow, kNow - 24h);
  };
  run([&](Txn& txn) {
    EXPECT_FALSE(claim(txn, "a", "k"));
    txn.requests().answer("a", "k", 202, "body");
  });
  run([&](Txn& txn) {
    const auto known = claim(txn, "a", "k");
    ASSERT_TRUE(known);
    EXPECT_EQ(known->fingerprint, "print");
    EXPECT_EQ(known->status, 202);
    EXPECT_EQ(known->body, "body");
    EXPECT_FALSE(claim(txn, "b", "k"));
    EXPECT_FALSE(claim(txn, "a", "K"));
  });
}

TEST_P(StoreContract, AnOldKeyIsFreeAgain) {
  const auto claimAt = [&](Time now) {
    return in([&](Txn& txn) { return txn.requests().claim("a", "k", "print", now, now - 24h).has_value(); });
  };
  EXPECT_FALSE(claimAt(kNow));
  EXPECT_TRUE(claimAt(kNow + 24h));
  EXPECT_FALSE(claimAt(kNow + 25h));
  EXPECT_TRUE(claimAt(kNow + 26h));
}

TEST_P(StoreContract, OldKeysAreForgottenSomeAtATime) {
  run([](Txn& txn) {
    for (const char* key : {"k1", "k2", "k3"}) txn.requests().claim("a", key, "print", kNow, kNow);
    txn.requests().claim("a", "new", "print", kNow + 1h, kNow);
  });
  const auto forget = [&] { return in([](Txn& txn) { return txn.requests().forget(kNow + 1h, 2); }); };
  EXPECT_EQ(forget(), 2);
  EXPECT_EQ(forget(), 1);
  EXPECT_EQ(forget(), 0);
}

TEST_P(StoreContract, AKeySentByManyAtOnceIsClaimedByOne) {
  std::atomic<int> claimed = 0;
  inParallel(6, [&](int) {
    const auto done = store->transact([](Txn& txn) -> Result<bool> {
      const bool mine = !txn.requests().claim("a", "k", "print", kNow, kNow - 24h);
      if (mine) txn.requests().answer("a", "k", 202, "");
      return mine;
    });
    claimed += done && *done;
  });
  EXPECT_EQ(claimed, 1);
}

}  // namespace libra::test::rows
