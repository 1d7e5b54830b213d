#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sidecar/agent_world.h"

namespace libra::sidecar {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class AgentRepair : public AgentWorld {};

TEST_F(AgentRepair, AProxyThatFailsIsToldAndRepairedWhenItIsBack) {
  driver.broken = true;
  const auto answer = ask(update(7, vip("10.1.0.1", 1)));
  EXPECT_EQ(response(answer), "FAIL HAProxy is not running.");
  EXPECT_EQ(answer["loadBalancers"][0]["nodes"][0]["condition"].text(), "DISABLED");
  EXPECT_THAT(vips.on_interface, IsEmpty()) << "a VIP nobody answers on";

  driver.broken = false;
  clock.advance(std::chrono::seconds(1));
  agent->upkeep();
  EXPECT_THAT(journal, ElementsAre("apply 7", "apply 7", "hold 10.1.0.1"));
}

TEST_F(AgentRepair, ARestartedSidecarChangesNothing) {
  ask(update(7, vip("10.1.0.1", 1)));
  const auto before = vips.on_interface;
  restart();
  journal.clear();
  agent->upkeep();
  EXPECT_THAT(journal, ElementsAre("apply 7"));
  EXPECT_EQ(vips.on_interface, before);
  EXPECT_TRUE(ask(update(6))["already_newer"].boolean());
}

TEST_F(AgentRepair, ARestartedProxyIsRepairedWithinSeconds) {
  ask(update(7));
  clock.advance(std::chrono::seconds(5));
  agent->upkeep();
  journal.clear();
  driver.used.proxy_start = 2;
  clock.advance(std::chrono::seconds(5));
  agent->upkeep();
  EXPECT_THAT(journal, ElementsAre("apply 7"));
}

TEST_F(AgentRepair, AProxyThatRestartsRightAfterTheFirstJobIsRepaired) {
  ask(update(7));
  journal.clear();
  driver.used.proxy_start = 2;  // nobody saw the first one's
  clock.advance(std::chrono::seconds(1));
  agent->upkeep();
  EXPECT_THAT(journal, ElementsAre("apply 7"));
}

TEST_F(AgentRepair, AQuietDeviceIsComparedEachThirtySeconds) {
  ask(update(7));
  agent->upkeep();
  journal.clear();
  for (int second = 0; second < 59; ++second) {
    clock.advance(std::chrono::seconds(1));
    agent->upkeep();
  }
  EXPECT_THAT(journal, ElementsAre("apply 7"));
}

TEST_F(AgentRepair, DriftIsToldInStatsUntilItIsOld) {
  ask(update(7));
  EXPECT_FALSE(ask(R"({"hpcs_action":"STATS"})")["events"]);
  driver.drift = {"vip.map *:80", "s1_http_rr_connect/n501-30s2"};
  clock.advance(std::chrono::seconds(30));
  agent->upkeep();
  for (int twice = 0; twice < 2; ++twice) {
    const auto events = ask(R"({"hpcs_action":"STATS"})")["events"];
    ASSERT_EQ(events.size(), 1u);
    EXPECT_THAT(events[0].text(), HasSubstr("2 differences: vip.map *:80, s1_http_rr_connect/n501-30s2"));
  }
  clock.advance(std::chrono::minutes(11));
  EXPECT_FALSE(ask(R"({"hpcs_action":"STATS"})")["events"]);
}

TEST_F(AgentRepair, WhatAJobChangesIsNoDrift) {
  driver.drift = {"vip.map *:80"};
  ask(update(7));
  EXPECT_FALSE(ask(R"({"hpcs_action":"STATS"})")["events"]);
}

TEST_F(AgentRepair, AColdStartIsWrittenOncePerChange) {
  ask(update(7));
  journal.clear();
  agent->writeColdStart();
  agent->writeColdStart();
  EXPECT_THAT(journal, ElementsAre("cold start 7"));
}

TEST_F(AgentRepair, AProcessThatTookOverLeavesAnotherColdStartToWrite) {
  ask(update(7));
  agent->writeColdStart();
  driver.takes_over = true;
  agent->proxyRestarted();
  EXPECT_EQ(changes, 2);
  journal.clear();
  agent->writeColdStart();
  EXPECT_THAT(journal, ElementsAre("cold start 7"));
}

TEST_F(AgentRepair, AJobDoesNotWaitForAColdStartThatIsWritten) {
  ask(update(7));
  journal.clear();
  driver.while_writing = [&] { EXPECT_EQ(response(ask(update(8))), "PASS"); };
  agent->writeColdStart();
  driver.while_writing = nullptr;
  agent->writeColdStart();
  EXPECT_THAT(journal, ElementsAre("apply 8", "cold start 7", "cold start 8"));
}

TEST_F(AgentRepair, AColdStartThatCouldNotBeWrittenIsDueAgain) {
  ask(update(7));
  journal.clear();
  driver.broken = true;
  agent->writeColdStart();
  driver.broken = false;
  agent->writeColdStart();
  EXPECT_THAT(journal, ElementsAre("cold start 7", "cold start 7"));
}

TEST_F(AgentRepair, ARestartedProxyIsMadeRightAtOnce) {
  ask(update(7));
  journal.clear();
  agent->proxyRestarted();
  EXPECT_THAT(journal, ElementsAre("apply 7"));
}

}  // namespace
}  // namespace libra::sidecar
