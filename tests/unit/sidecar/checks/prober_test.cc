#include "sidecar/checks/prober.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "tests/support/fake_clock.h"

namespace libra::sidecar::checks {
namespace {

using std::chrono::seconds;
using What = Finding::What;

std::shared_ptr<const Monitor> every(int delay, int attempts) {
  protocol::MonitorState wanted;
  wanted.delay = wanted.timeout = seconds(delay);
  wanted.attempts = attempts;
  return *Monitor::make(wanted);
}

Peer peer(std::uint16_t port, std::shared_ptr<const Monitor> monitor, bool up = true) {
  return {{*NetAddress::parse("10.0.0.1"), port}, std::move(monitor), up};
}

// A prober whose checks end when the test says so, or at once with `answer`.
class ProberTest : public testing::Test {
 protected:
  struct Started {
    std::uint16_t port;
    Instant at;
    Probe::Done done;
  };

  std::unique_ptr<Probe> start(const Peer& checked, Probe::Done done) {
    started_.push_back({checked.target.port, clock_.monotonic(), std::move(done)});
    return nullptr;
  }

  void pass(Millis time, Finding::What what, Millis step = Millis(100)) {
    for (Millis gone{0}; gone < time; gone += step) {
      clock_.advance(step);
      prober_.runDue();
      for (; ended_ < started_.size(); ++ended_)
        started_[ended_].done({what, what == What::Failed ? "refused" : "fine"});
    }
  }

  test::FakeClock clock_;
  EventLoop loop_;
  std::deque<Started> started_;
  std::size_t ended_ = 0;
  std::vector<std::pair<std::string, bool>> changes_;
  Prober prober_{
      loop_,
      clock_,
      {[this](const PeerKey& key, const PeerVerdict& verdict) { changes_.emplace_back(key.node, verdict.up); },
       [this](const Peer& checked, Probe::Done done) { return start(checked, std::move(done)); }},
      7};
  const PeerKey key_{"15", "501"};
};

TEST_F(ProberTest, ANodeIsCheckedOncePerDelayFromWithinTheFirst) {
  prober_.watch({{key_, peer(80, every(5, 2))}});
  pass(seconds(5), What::Passed);
  ASSERT_EQ(started_.size(), 1u);
  pass(seconds(50), What::Passed);
  EXPECT_EQ(started_.size(), 11u);
  for (std::size_t i = 1; i < started_.size(); ++i) EXPECT_EQ(started_[i].at - started_[i - 1].at, seconds(5));
  EXPECT_TRUE(changes_.empty());
}

TEST_F(ProberTest, AttemptsFailuresInARowPutItDownAndAsManySuccessesUp) {
  prober_.watch({{key_, peer(80, every(1, 3))}});
  pass(seconds(2), What::Failed);
  pass(seconds(1), What::Passed);
  pass(seconds(2), What::Failed);
  EXPECT_TRUE(changes_.empty());
  pass(seconds(1), What::Failed);
  EXPECT_EQ(changes_, (std::vector<std::pair<std::string, bool>>{{"501", false}}));
  EXPECT_EQ(prober_.verdicts().at(key_).reason, "refused");
  pass(seconds(2), What::Passed);
  EXPECT_EQ(changes_.size(), 1u);
  pass(seconds(1), What::Passed);
  EXPECT_EQ(changes_.back(), std::make_pair(std::string("501"), true));
}

TEST_F(ProberTest, WhatWeCouldNotLookAtSaysNothingOfTheNode) {
  prober_.watch({{key_, peer(80, every(1, 1))}});
  pass(seconds(10), What::Unknown);
  EXPECT_TRUE(changes_.empty());
  EXPECT_EQ(prober_.verdicts().at(key_).checked, Time{});
}

TEST_F(ProberTest, ACheckThatHangsIsNotDoubledAndTheNextFollowsItsEnd) {
  prober_.watch({{key_, peer(80, every(1, 1))}});
  ended_ = 99;  // nobody ends them
  pass(seconds(5), What::Passed);
  ASSERT_EQ(started_.size(), 1u);
  started_[0].done({What::Failed, "no answer"});
  EXPECT_EQ(changes_.size(), 1u);
  prober_.runDue();
  EXPECT_EQ(started_.size(), 2u);
}

TEST_F(ProberTest, APeerThatStaysKeepsItsVerdictOneOnAnotherTargetBeginsAnew) {
  prober_.watch({{key_, peer(80, every(1, 1))}});
  pass(seconds(1), What::Failed);
  ASSERT_FALSE(prober_.verdicts().at(key_).up);
  prober_.watch({{key_, peer(80, every(2, 4))}});
  EXPECT_FALSE(prober_.verdicts().at(key_).up);
  prober_.watch({{key_, peer(81, every(2, 4))}});
  EXPECT_TRUE(prober_.verdicts().at(key_).up);
  prober_.watch({});
  EXPECT_TRUE(prober_.verdicts().empty());
  started_.clear();
  pass(seconds(5), What::Failed);
  EXPECT_TRUE(started_.empty());
}

TEST_F(ProberTest, APeerBeginsAsItIsSaidToBe) {
  prober_.watch({{key_, peer(80, every(1, 1), false)}});
  EXPECT_FALSE(prober_.verdicts().at(key_).up);
  pass(seconds(1), What::Passed);
  EXPECT_EQ(changes_, (std::vector<std::pair<std::string, bool>>{{"501", true}}));
}

TEST_F(ProberTest, ThousandsOfPeersAreSpreadOverTheDelay) {
  std::map<PeerKey, Peer> peers;
  const auto monitor = every(10, 1);
  for (int i = 1; i <= 5000; ++i) peers[{"15", std::to_string(i)}] = peer(static_cast<std::uint16_t>(i), monitor);
  prober_.watch(peers);
  std::size_t before = 0, most = 0;
  for (int second = 0; second < 10; ++second) {
    pass(seconds(1), What::Passed);
    most = std::max(most, started_.size() - before);
    before = started_.size();
  }
  EXPECT_NEAR(static_cast<double>(before), 5000, 60);  // the earliest come a second time
  EXPECT_LT(most, 700u);
}

}  // namespace
}  // namespace libra::sidecar::checks
