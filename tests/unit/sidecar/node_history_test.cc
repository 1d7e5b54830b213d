#include "sidecar/node_history.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace libra::sidecar {
namespace {

using protocol::NodeHealth;

class NodeHistoryTest : public testing::Test {
 protected:
  const protocol::NodeStatus& see(NodeHealth health, const std::string& found) {
    clock_.advance(std::chrono::seconds(1));
    history_.observe({{"501", {health, found}}});
    return history_.nodes().at("501");
  }

  test::FakeClock clock_;
  NodeHistory history_{clock_};
};

TEST_F(NodeHistoryTest, ANodeIsWhatItWasFirstSeenAs) {
  const auto& node = see(NodeHealth::Down, "connection refused");
  EXPECT_EQ(node.health, NodeHealth::Down);
  EXPECT_EQ(node.reason, "connection refused");
  EXPECT_EQ(node.since, clock_.now());
  EXPECT_TRUE(node.changes.empty());
}

TEST_F(NodeHistoryTest, AChangeKeepsItsReasonAndTimeWhileChecksGoOn) {
  see(NodeHealth::Up, "status 200");
  see(NodeHealth::Down, "status 500");
  const auto changed = clock_.now();
  const auto& node = see(NodeHealth::Down, "no answer");
  EXPECT_EQ(node.reason, "status 500");
  EXPECT_EQ(node.last_check, "no answer");
  EXPECT_EQ(node.since, changed);
  ASSERT_EQ(node.changes.size(), 1u);
  EXPECT_EQ(node.changes[0].at, changed);
}

TEST_F(NodeHistoryTest, TheLastTwentyChangesAreKept) {
  for (int i = 0; i <= 30; ++i) see(i % 2 ? NodeHealth::Down : NodeHealth::Up, std::to_string(i));
  const auto& changes = history_.nodes().at("501").changes;
  ASSERT_EQ(changes.size(), NodeHistory::kMostChanges);
  EXPECT_EQ(changes.front().reason, "11");
  EXPECT_EQ(changes.back().reason, "30");
}

TEST_F(NodeHistoryTest, ANodeThatLeftIsForgotten) {
  see(NodeHealth::Up, "");
  history_.observe({});
  EXPECT_TRUE(history_.nodes().empty());
}

}  // namespace
}  // namespace libra::sidecar
