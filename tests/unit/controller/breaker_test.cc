#include "controller/service/breaker.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace libra::service {
namespace {

class BreakerTest : public ::testing::Test {
 protected:
  bool admit(const std::string& device, const std::set<std::string>& domains = {}) {
    return breaker.admit(device, domains, fleet);
  }
  // How many of so many devices may move within `time` when each asks again all the while.
  int moved(int devices, std::chrono::seconds time, const std::set<std::string>& domains = {}) {
    std::set<std::string> left;
    for (int i = 0; i < devices; ++i) left.insert("d" + std::to_string(i));
    for (const Instant end = clock.monotonic() + time; clock.monotonic() < end; clock.advance(Millis(100)))
      std::erase_if(left, [&](const auto& device) { return admit(device, domains); });
    return devices - static_cast<int>(left.size());
  }

  test::FakeClock clock;
  Breaker breaker{clock, {}};
  Breaker::Fleet fleet{.devices = 100, .domains = {{"zone/a", {10, 10}}, {"zone/b", {90, 1}}, {"group/x", {2, 2}}}};
};

TEST_F(BreakerTest, AFewMoveFreely) {
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(admit("d" + std::to_string(i)));
  EXPECT_FALSE(breaker.state().open);
  EXPECT_FALSE(admit("another"));
  EXPECT_TRUE(breaker.state().open);
  EXPECT_EQ(breaker.state().reason, "5 devices failed over within 10 s");
}

TEST_F(BreakerTest, MoreMoveAtARate) { EXPECT_EQ(moved(100, std::chrono::seconds(10)), 5 + 19); }

TEST_F(BreakerTest, ALargeFleetMayLoseMore) {
  fleet.devices = 1000;
  int free_moves = 0;
  while (admit("d" + std::to_string(free_moves))) ++free_moves;
  EXPECT_EQ(free_moves, 20);
}

TEST_F(BreakerTest, ADomainThatIsSilentAsAWholeMovesMoreSlowly) {
  EXPECT_EQ(moved(10, std::chrono::seconds(10), {"zone/a"}), 2);
  EXPECT_EQ(breaker.state().reason, "all 10 devices of zone/a fell silent together");
  EXPECT_TRUE(admit("other", {"zone/b"})) << "the others are not held back by it";
}

TEST_F(BreakerTest, ASmallDomainIsNone) {
  EXPECT_TRUE(admit("one", {"group/x"}));
  EXPECT_TRUE(admit("two", {"group/x"}));
}

TEST_F(BreakerTest, ClosesWhenNobodyWaits) {
  for (int i = 0; i < 5; ++i) admit("d" + std::to_string(i));
  EXPECT_FALSE(admit("late"));
  breaker.done("late");
  EXPECT_FALSE(breaker.state().open);
  EXPECT_EQ(breaker.state().reason, "");
}

TEST_F(BreakerTest, ClosedByHandItLetsAllGoForAWhile) {
  breaker.closeByHand();
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(admit("d" + std::to_string(i), {"zone/a"}));
  clock.advance(std::chrono::seconds(300));
  for (int i = 0; i < 5; ++i) admit("e" + std::to_string(i));
  EXPECT_FALSE(admit("f"));
}

TEST_F(BreakerTest, SaysThatNobodyIsHeardAndHoldsNobodyBackForIt) {
  breaker.blind(true);
  EXPECT_TRUE(breaker.state().open);
  EXPECT_TRUE(breaker.state().reason.starts_with("no device is heard"));
  EXPECT_TRUE(admit("refused"));
  breaker.blind(false);
  EXPECT_FALSE(breaker.state().open);
  EXPECT_EQ(breaker.state().reason, "");
}

}  // namespace
}  // namespace libra::service
