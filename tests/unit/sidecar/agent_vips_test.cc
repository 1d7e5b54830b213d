#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sidecar/agent_world.h"

namespace libra::sidecar {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class AgentVips : public AgentWorld {};

TEST_F(AgentVips, VipsComeLastWhenTheStateIsOnDisk) {
  vips.before_hold = [&] { EXPECT_EQ(onDisk().state.generation, 7u); };
  const auto answer = ask(update(7, vip("10.1.0.1", 1)));
  EXPECT_EQ(response(answer), "PASS");
  EXPECT_EQ(answer["generation"].integer(), 7);
  EXPECT_EQ(answer["mechanism"].text(), "runtime");
  EXPECT_EQ(answer["loadBalancers"][0]["nodes"][0]["condition"].text(), "ENABLED");
  EXPECT_THAT(journal, ElementsAre("apply 7", "hold 10.1.0.1"));
  EXPECT_EQ(changes, 1);
}

TEST_F(AgentVips, VipsNobodyWantsAreDroppedBeforeTheProxyChanges) {
  ask(update(7, vip("10.1.0.1", 1) + "," + vip("10.1.0.2", 1)));
  journal.clear();
  EXPECT_EQ(response(ask(update(8, vip("10.1.0.2", 1)))), "PASS");
  EXPECT_THAT(journal, ElementsAre("drop 10.1.0.1", "apply 8"));
}

TEST_F(AgentVips, AnAddressTheSidecarDidNotAddIsNeverRemoved) {
  vips.on_interface[*NetAddress::parse("10.1.0.1")] = 16;  // the management address
  ask(update(7, vip("10.1.0.1", 1)));
  restart();
  EXPECT_EQ(response(ask(update(8))), "PASS");
  EXPECT_TRUE(vips.on_interface.contains(*NetAddress::parse("10.1.0.1")));
}

TEST_F(AgentVips, AVipOfAnOldEpochIsRefusedAlsoAfterARestart) {
  ask(update(7, vip("10.1.0.1", 5)));
  ask(update(8));
  restart();
  journal.clear();
  EXPECT_EQ(response(ask(update(9, vip("10.1.0.1", 4)))), "FAIL Virtual IP 10.1.0.1 was given away since");
  EXPECT_THAT(journal, IsEmpty());
  EXPECT_EQ(response(ask(update(10, vip("10.1.0.1", 5)))), "PASS");
}

TEST_F(AgentVips, ARebootedDeviceTakesUpWhatItCarried) {
  ask(update(7, vip("10.1.0.1", 1)));
  vips.on_interface.clear();
  journal.clear();
  restart();
  agent->upkeep();
  EXPECT_THAT(journal, ElementsAre("apply 7", "hold 10.1.0.1"));
}

TEST_F(AgentVips, AFullDiskIsToldAndTakesNoVipUntilItCanBeWritten) {
  ask(update(7));
  journal.clear();
  std::filesystem::remove_all(folder.path());
  EXPECT_THAT(response(ask(update(8, vip("10.77.9.1", 1)))), HasSubstr("FAIL"));
  EXPECT_THAT(journal, ElementsAre("apply 8"));
  std::filesystem::create_directories(folder.path());
  EXPECT_EQ(response(ask(update(8, vip("10.77.9.1", 1)))), "PASS");
  EXPECT_EQ(onDisk().state.generation, 8u);
}

TEST_F(AgentVips, WhatItMayShowItsNeighboursIsToldWithEachVip) {
  ask(update(7, R"({"address":"10.77.9.1","prefix":24,"epoch":3,"claim":"QUJD"})"));
  EXPECT_EQ(told_vips, std::vector({protocol::VirtualIpState{*NetAddress::parse("10.77.9.1"), 24, 3, "QUJD"}}));
  restart();
  agent->yield({*NetAddress::parse("10.77.9.1"), 2});  // anything that tells
  EXPECT_EQ(told_vips.at(0).claim, "QUJD") << "it is kept on disk";
  agent->yield({*NetAddress::parse("10.77.9.1"), 4});
  EXPECT_THAT(told_vips, IsEmpty());
}

TEST_F(AgentVips, AVipThatAnotherDeviceHoldsIsGivenUpForGood) {
  ask(update(7, vip("10.77.9.1", 3)));
  EXPECT_EQ(told.vips, std::vector({heartbeat::HeldVip{*NetAddress::parse("10.77.9.1"), 3}}));
  journal.clear();
  agent->yield({*NetAddress::parse("10.77.9.1"), 4});
  EXPECT_THAT(journal, ElementsAre("drop 10.77.9.1"));
  EXPECT_THAT(told.vips, IsEmpty());
  restart();
  agent->upkeep();
  EXPECT_TRUE(vips.on_interface.empty());
  EXPECT_THAT(response(ask(update(8, vip("10.77.9.1", 3)))), HasSubstr("given away"));
  EXPECT_EQ(response(ask(update(9, vip("10.77.9.1", 5)))), "PASS");
  EXPECT_EQ(vips.on_interface.size(), 1u);
}

TEST_F(AgentVips, AnOlderEpochTakesNoVipAway) {
  ask(update(7, vip("10.77.9.1", 3)));
  agent->yield({*NetAddress::parse("10.77.9.1"), 2});
  agent->yield({*NetAddress::parse("10.77.9.2"), 9});
  EXPECT_EQ(vips.on_interface.size(), 1u);
}

TEST_F(AgentVips, ARebootedDeviceTakesUpNoVipBeforeItIsKnownToBeItsOwn) {
  ask(update(7, vip("10.77.9.1", 3)));
  vips.on_interface.clear();
  asks_first = true;
  restart();
  journal.clear();
  agent->upkeep();
  EXPECT_THAT(journal, ElementsAre("apply 7"));
  EXPECT_EQ(agent->report().vips.size(), 1u) << "what it asks about";
  agent->trustVips();
  agent->upkeep();
  EXPECT_EQ(vips.on_interface.size(), 1u);
}

TEST_F(AgentVips, ARestartedSidecarLeavesTheVipsOnTheInterfaceWhereTheyAre) {
  ask(update(7, vip("10.77.9.1", 3)));
  asks_first = true;
  restart();
  journal.clear();
  agent->upkeep();
  EXPECT_THAT(journal, ElementsAre("apply 7"));
  EXPECT_EQ(vips.on_interface.size(), 1u);
}

TEST_F(AgentVips, ARebootedDeviceThatNobodyAnswersTakesUpWhatNoNeighbourHas) {
  ask(update(7, vip("10.77.9.1", 3) + "," + vip("10.77.9.2", 3)));
  vips.on_interface.clear();
  asks_first = true;
  restart();
  vips.elsewhere = {*NetAddress::parse("10.77.9.1")};
  EXPECT_FALSE(agent->trustUndefended());
  agent->upkeep();
  EXPECT_EQ(vips.present()->size(), 1u);
  EXPECT_TRUE(vips.present()->contains(*NetAddress::parse("10.77.9.2")));
  vips.elsewhere.clear();
  EXPECT_TRUE(agent->trustUndefended());
  agent->upkeep();
  EXPECT_EQ(vips.on_interface.size(), 2u) << "the neighbour gave it up";
}

TEST_F(AgentVips, WhatWasFreeAndCouldNotBeTakenUpIsAskedForAgain) {
  ask(update(7, vip("10.77.9.1", 3) + "," + vip("10.77.9.2", 3)));
  vips.on_interface.clear();
  asks_first = true;
  restart();
  vips.elsewhere = {*NetAddress::parse("10.77.9.1")};
  driver.broken = true;
  EXPECT_FALSE(agent->trustUndefended());
  agent->upkeep();
  driver.broken = false;
  vips.elsewhere.insert(*NetAddress::parse("10.77.9.2"));
  EXPECT_FALSE(agent->trustUndefended());
  agent->upkeep();
  EXPECT_TRUE(vips.on_interface.empty());
}

TEST_F(AgentVips, WithoutALinkNobodyIsThereToObject) {
  ask(update(7, vip("10.77.9.1", 3)));
  vips.on_interface.clear();
  asks_first = true;
  restart();
  vips.link_down = true;
  EXPECT_FALSE(agent->trustUndefended());
  agent->upkeep();
  EXPECT_TRUE(vips.on_interface.empty());
}

}  // namespace
}  // namespace libra::sidecar
