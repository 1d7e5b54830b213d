#include "controller/watch/fleet.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/fake_clock.h"

namespace libra::watch {
namespace {

using heartbeat::ProxyState;

class FleetTest : public ::testing::Test, public Fleet::Orders {
 protected:
  void probe(const std::string& device) override { probed.insert(device); }
  void ask(const std::string& device) override { asked.insert(device); }
  void lost(const std::string& device, Evidence, Instant) override { dead.push_back(device); }
  void returned(const std::string& device) override { back.push_back(device); }

  // Time passes and the fleet is turned when it wants to; `alive` beat each 50 ms.
  void pass(int ms, const std::vector<std::string>& alive) {
    for (int i = 0; i < ms; ++i) {
      clock.advance(Millis(1));
      if (++time % 50 == 0)
        for (const auto& device : alive) pulses.at(device)->felt({});
      if (clock.monotonic() >= wanted) wanted = fleet.turn();
    }
  }
  void connect(const std::vector<std::string>& devices) {
    for (const auto& device : devices) pulses[device] = &fleet.connected(device);
    wanted = fleet.turn();
  }

  test::FakeClock clock;
  Timing timing;
  std::map<std::string, heartbeat::Pulse*> pulses;
  Fleet fleet{clock, timing, *this};
  Instant wanted;
  int time = 0;
  std::set<std::string> probed, asked;
  std::vector<std::string> dead, back;
};

TEST_F(FleetTest, TheSilentOneIsFoundAmongTheOthers) {
  connect({"a", "b", "c"});
  pass(1000, {"a", "b", "c"});
  EXPECT_TRUE(probed.empty());
  pass(200, {"a", "c"});
  EXPECT_EQ(dead, std::vector<std::string>{"b"});
  EXPECT_EQ(probed, std::set<std::string>{"b"});
  EXPECT_EQ(asked, std::set<std::string>{"b"});
  pass(5000, {"a", "c"});
  EXPECT_EQ(dead.size(), 1u) << "told once";
}

TEST_F(FleetTest, ThatAllFallSilentAtOnceIsOurOwnNetwork) {
  connect({"a", "b", "c"});
  pass(1000, {"a", "b", "c"});
  pass(60'000, {});
  EXPECT_TRUE(fleet.isBlind());
  EXPECT_TRUE(dead.empty());
  pass(1000, {"a", "b", "c"});
  EXPECT_FALSE(fleet.isBlind());
  EXPECT_TRUE(dead.empty());
}

TEST_F(FleetTest, NobodyIsCondemnedForAnAnswerThatWasDueBeforeTheOthersWereBack) {
  connect({"a", "b", "c"});
  for (int pause = 100; pause < 400; ++pause) {
    pass(200, {"a", "b", "c"});
    pass(pause, {});
    pass(40, {"a"});  // the first to be heard; the others' beats are on their way
    ASSERT_TRUE(dead.empty()) << pause;
  }
}

TEST_F(FleetTest, WhoStaysSilentWhenTheOthersAreBackIsDead) {
  connect({"a", "b", "c"});
  pass(1000, {"a", "b", "c"});
  pass(10'000, {});
  pass(500, {"a", "b"});
  EXPECT_EQ(dead, std::vector<std::string>{"c"});
}

TEST_F(FleetTest, HearsWhoseBeatsComeAndNobodyElse) {
  connect({"a", "b", "c"});
  fleet.expect("d");
  EXPECT_TRUE(fleet.hears("a"));
  EXPECT_FALSE(fleet.hears("d")) << "it may be connected to others";
  EXPECT_FALSE(fleet.hears("e"));
  fleet.closed("c");
  EXPECT_FALSE(fleet.hears("c")) << "no beats come after that";
  pass(1000, {"a", "b"});
  EXPECT_TRUE(fleet.hears("b"));
  pass(140, {"a"});
  EXPECT_TRUE(fleet.hears("b")) << "until there is a verdict";
  pass(60, {"a"});
  EXPECT_EQ(dead, std::vector<std::string>{"b"});
  EXPECT_FALSE(fleet.hears("b"));
  pass(140, {});
  EXPECT_TRUE(fleet.isBlind());
  EXPECT_FALSE(fleet.hears("a"));
}

TEST_F(FleetTest, TheOnlyDeviceMayDie) {
  connect({"a"});
  pass(300, {});
  EXPECT_EQ(dead, std::vector<std::string>{"a"});
}

TEST_F(FleetTest, AWatcherThatWasAwayAccusesNobody) {
  connect({"a", "b"});
  pass(1000, {"a", "b"});
  clock.advance(Millis(700));
  wanted = fleet.turn();
  EXPECT_EQ(fleet.lateTurns(), 1);
  pass(1000, {"a", "b"});
  clock.advance(std::chrono::seconds(30));
  wanted = fleet.turn();
  pass(999, {"a"});
  EXPECT_TRUE(dead.empty()) << "after a long pause it waits a second";
  pass(300, {"a"});
  EXPECT_EQ(dead, std::vector<std::string>{"b"});
}

TEST_F(FleetTest, ALostOneThatBeatsAgainHasReturned) {
  connect({"a", "b"});
  pass(300, {"a"});
  ASSERT_EQ(dead, std::vector<std::string>{"b"});
  pass(100, {"a", "b"});
  EXPECT_EQ(back, std::vector<std::string>{"b"});
}

TEST_F(FleetTest, AForgottenOneIsNotMissed) {
  connect({"a", "b"});
  fleet.forget("b");
  fleet.proxySaid("b", ProxyState::Refused);
  pass(1000, {"a"});
  EXPECT_TRUE(dead.empty());
  EXPECT_EQ(fleet.devices(), std::set<std::string>{"a"});
}

TEST_F(FleetTest, AnExpectedOneThatNeverComesIsAskedFor) {
  connect({"a"});
  fleet.expect("b");
  fleet.expect("a");
  wanted = fleet.turn();
  pass(4999, {"a"});
  EXPECT_TRUE(asked.empty());
  pass(1, {"a"});
  EXPECT_EQ(asked, std::set<std::string>{"b"});
  fleet.proxySaid("b", ProxyState::Refused);
  EXPECT_EQ(dead, std::vector<std::string>{"b"});
}

}  // namespace
}  // namespace libra::watch
