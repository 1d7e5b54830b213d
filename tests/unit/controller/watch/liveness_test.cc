#include "controller/watch/liveness.h"

#include <gtest/gtest.h>

namespace libra::watch {
namespace {

using heartbeat::ProxyState;
using Act = Liveness::Act;

class LivenessTest : public ::testing::Test {
 protected:
  LivenessTest() { EXPECT_EQ(device.connected(now), Act::None); }
  void pass(int ms) { now += Millis(ms); }

  // What happens in so much time when nothing is heard: what is due is done when it is due.
  std::string quiet(int ms) {
    static constexpr const char* kNames[] = {"none", "probe", "ask", "confirm", "lost", "returned"};
    std::string acts;
    const Instant end = now + Millis(ms);
    while (device.next() <= end) {
      now = device.next();
      const auto act = device.due(now, blind);
      if (act != Act::None) acts += (acts.empty() ? "" : " ") + std::string(kNames[static_cast<int>(act)]);
    }
    now = end;
    return acts;
  }

  Timing timing;
  Instant now{std::chrono::hours(1)};
  Liveness device{timing, now};
  bool blind = false;
};

TEST_F(LivenessTest, BeatsKeepItAlive) {
  for (int i = 0; i < 100; ++i) {
    pass(50);
    EXPECT_EQ(device.heard(now), Act::None);
    EXPECT_EQ(quiet(0), "");
  }
  EXPECT_TRUE(device.beats());
}

TEST_F(LivenessTest, TwoMissesAreNothing) { EXPECT_EQ(quiet(125), ""); }

TEST_F(LivenessTest, ThreeMissesAndABurstOfFiveProbesAreAVerdict) {
  EXPECT_EQ(quiet(159), "confirm probe probe probe probe");
  EXPECT_EQ(quiet(1), "lost");
  EXPECT_EQ(device.evidence(), Evidence::Silence);
}

TEST_F(LivenessTest, NoBurstBeginsBeforeTwoMissesHoweverFastTheBeats) {
  timing.interval = Millis(20);
  device.connected(now);
  EXPECT_EQ(quiet(39), "");
  EXPECT_EQ(quiet(35), "confirm probe probe probe probe lost");
}

TEST_F(LivenessTest, ABurstIsAVerdictAgainAfterAnAnswer) {
  EXPECT_EQ(quiet(130), "confirm");
  device.heard(now);
  EXPECT_EQ(quiet(160), "confirm probe probe probe probe lost");
  EXPECT_EQ(device.evidence(), Evidence::Silence);
}

TEST_F(LivenessTest, OneAnswerInTheBurstSavesIt) {
  EXPECT_EQ(quiet(135), "confirm probe");
  EXPECT_EQ(device.heard(now), Act::None);
  EXPECT_TRUE(device.beats());
  EXPECT_EQ(quiet(120), "");
}

TEST_F(LivenessTest, ARefusalIsBelievedAtOnce) {
  EXPECT_EQ(device.closed(now), Act::Ask);
  pass(1);
  EXPECT_EQ(device.proxySaid(ProxyState::Refused, now, blind), Act::Lost);
  EXPECT_EQ(device.evidence(), Evidence::Refused);
}

TEST_F(LivenessTest, ARefusalIsBelievedByTheBlindToo) {
  blind = true;
  device.closed(now);
  EXPECT_EQ(device.proxySaid(ProxyState::Refused, now, blind), Act::Lost);
}

TEST_F(LivenessTest, ASuspectWhoseProxyRefusesIsDead) {
  EXPECT_EQ(quiet(130), "confirm");
  EXPECT_EQ(device.proxySaid(ProxyState::Refused, now, blind), Act::Lost);
}

TEST_F(LivenessTest, ADeadSidecarOverALivingProxyIsNoDeadDevice) {
  EXPECT_EQ(device.closed(now), Act::Ask);
  EXPECT_EQ(device.proxySaid(ProxyState::Serving, now, blind), Act::None);
  EXPECT_EQ(quiet(300), "ask") << "the proxy is looked at again";
  EXPECT_EQ(device.connected(now), Act::None);
  EXPECT_TRUE(device.beats());
}

TEST_F(LivenessTest, AHungSidecarOverALivingProxyIsNoDeadDevice) {
  EXPECT_EQ(quiet(130), "confirm");
  EXPECT_EQ(device.proxySaid(ProxyState::Serving, now, blind), Act::None);
  EXPECT_EQ(quiet(260), "ask");
  EXPECT_EQ(device.heard(now), Act::None);
  EXPECT_TRUE(device.beats());
}

TEST_F(LivenessTest, AProxyMayServeOnlySoLongWithoutASidecar) {
  EXPECT_EQ(device.closed(now), Act::Ask);
  int seconds = 0;
  for (; !device.isLost() && seconds < 100; ++seconds) {
    pass(1000);
    device.proxySaid(ProxyState::Serving, now, blind);
  }
  EXPECT_EQ(device.evidence(), Evidence::NoSidecar);
  EXPECT_EQ(seconds, 31);
}

TEST_F(LivenessTest, AProxyThatDiesWhileItsSidecarIsAwayIsNoticed) {
  device.closed(now);
  device.proxySaid(ProxyState::Serving, now, blind);
  EXPECT_EQ(quiet(300), "ask");
  EXPECT_EQ(device.proxySaid(ProxyState::Refused, now, blind), Act::Lost);
}

TEST_F(LivenessTest, ASilentProxyIsAskedThreeTimes) {
  EXPECT_EQ(device.closed(now), Act::Ask);
  EXPECT_EQ(device.proxySaid(ProxyState::Silent, now, blind), Act::Ask);
  EXPECT_EQ(device.proxySaid(ProxyState::Silent, now, blind), Act::Ask);
  EXPECT_EQ(device.proxySaid(ProxyState::Silent, now, blind), Act::Lost);
  EXPECT_EQ(device.evidence(), Evidence::Silence);
}

TEST_F(LivenessTest, ASidecarMayCondemnItsProxy) {
  EXPECT_EQ(device.proxyLost(now), Act::Lost);
  EXPECT_EQ(device.evidence(), Evidence::ProxyLost);
}

TEST_F(LivenessTest, TheBlindCondemnNobodyForSilence) {
  blind = true;
  const auto acts = quiet(5000);
  EXPECT_EQ(acts.find("lost"), acts.npos);
  blind = false;
  EXPECT_NE(quiet(300).find("lost"), std::string::npos) << "confirmed anew, then";
}

TEST_F(LivenessTest, WhatALateWatcherMissedIsNotHeldAgainstIt) {
  pass(5000);
  device.discount(now + Millis(1000));
  EXPECT_EQ(quiet(1000), "confirm probe probe probe probe");
  EXPECT_EQ(quiet(10), "lost");
}

TEST_F(LivenessTest, ALostOneThatIsHeardHasReturned) {
  quiet(1000);
  ASSERT_TRUE(device.isLost());
  EXPECT_EQ(device.closed(now), Act::None);
  EXPECT_EQ(device.connected(now), Act::Returned);
  EXPECT_TRUE(device.beats());
}

TEST_F(LivenessTest, OneNeverHeardOfIsAskedForAndLostOnlyForAReason) {
  Liveness expected(timing, now);
  EXPECT_EQ(expected.due(now, false), Act::None);
  pass(5000);
  EXPECT_EQ(expected.due(now, false), Act::Ask);
  for (int i = 0; i < 100; ++i) {
    pass(1000);
    EXPECT_EQ(expected.proxySaid(ProxyState::Serving, now, false), Act::None) << "it may have no sidecar of ours";
  }
  EXPECT_EQ(expected.proxySaid(ProxyState::Refused, now, false), Act::Lost);
}

}  // namespace
}  // namespace libra::watch
