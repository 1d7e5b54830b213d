#include "tests/contract/store/rows.h"

namespace libra::test::rows {

using model::Vote;

namespace {

const Vote kMissed{"dev1", "a", true}, kHeard{"dev1", "b", false}, kOther{"dev2", "b", true};

}  // namespace

TEST_P(StoreContract, AVoteStandsInPlaceOfTheVotersLastOnThatDevice) {
  const auto votes = [&] { return in([](Txn& txn) { return txn.votes().list(); }); };
  EXPECT_THAT(votes(), IsEmpty());
  run([](Txn& txn) {
    txn.votes().cast(kOther);
    txn.votes().cast(kHeard);
    txn.votes().cast(kMissed);
    txn.votes().cast(kMissed);
  });
  EXPECT_THAT(votes(), ElementsAre(kMissed, kHeard, kOther)) << "by device, then voter";
  run([](Txn& txn) { txn.votes().cast({"dev1", "b", true}); });
  EXPECT_THAT(votes(), ElementsAre(kMissed, Vote{"dev1", "b", true}, kOther));
}

TEST_P(StoreContract, AVoteIsWithdrawnAlone) {
  run([](Txn& txn) {
    for (const auto& vote : {kMissed, kHeard, kOther}) txn.votes().cast(vote);
    txn.votes().withdraw("dev1", "b");
    EXPECT_THAT(txn.votes().list(), ElementsAre(kMissed, kOther));
    txn.votes().withdraw("dev1", "c");
    EXPECT_THAT(txn.votes().list(), ElementsAre(kMissed, kOther)) << "nobody's";
  });
}

TEST_P(StoreContract, WhoHearsADeviceIsAskedAnew) {
  run([](Txn& txn) {
    for (const auto& vote : {kMissed, kHeard, kOther, Vote{"dev2", "a", false}}) txn.votes().cast(vote);
    txn.votes().withdrawObjections("dev1");
    EXPECT_THAT(txn.votes().list(), ElementsAre(kMissed, Vote{"dev2", "a", false}, kOther));
  });
}

TEST_P(StoreContract, AForgottenVoterHasSaidNothing) {
  run([](Txn& txn) {
    for (const auto& vote : {kMissed, kHeard, kOther}) txn.votes().cast(vote);
    txn.votes().forget("b");
    EXPECT_THAT(txn.votes().list(), ElementsAre(kMissed));
  });
}

TEST_P(StoreContract, ControllersThatMissADeviceAtOnceAllSaySo) {
  inParallel(8, [&](int i) {
    run([&](Txn& txn) {
      txn.votes().withdrawObjections("dev1");
      txn.votes().cast({"dev1", std::to_string(i), true});
    });
  });
  EXPECT_EQ(in([](Txn& txn) { return txn.votes().list(); }).size(), 8u);
}

}  // namespace libra::test::rows
