#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sidecar/agent_world.h"

namespace libra::sidecar {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

json::Value parsed(const std::string& text) { return *json::parse(text); }

class AgentJobs : public AgentWorld {};

TEST_F(AgentJobs, WhatItDoesNotUnderstandFailsWithoutAText) {
  for (const char* payload :
       {"", "{", "[]", "null", "{}", R"({"hpcs_action":"REBOOT"})", R"({"hpcs_action":{}})", "\xff"})
    EXPECT_EQ(response(ask(payload)), "FAIL") << payload;
  EXPECT_EQ(response(ask(std::string(9 << 20, ' ') + "{}")), "FAIL");
  EXPECT_THAT(journal, IsEmpty());
}

TEST_F(AgentJobs, AnAnswerIsTheRequestWithFieldsAddedInPureAscii) {
  const auto text = agent->answer(R"({"hpcs_action":"discover","x":"ü"})");
  EXPECT_EQ(text.find("ü"), text.npos);
  const auto answer = parsed(text);
  EXPECT_EQ(answer["x"].text(), "ü");
  EXPECT_EQ(answer["version"].text(), "4.0");
  EXPECT_EQ(answer["release"].text(), "Libra 4.0");
  EXPECT_EQ(answer["driver"].text(), "noop");
  EXPECT_EQ(answer["capabilities"][0].text(), "http");
  EXPECT_EQ(response(answer), "PASS");
}

TEST_F(AgentJobs, AProxyThatCarriesNothingIsToldAndForgotten) {
  const auto answer = ask(R"({"hpcs_action":"CHECK"})");
  EXPECT_EQ(response(answer), "FAIL The proxy carries no request") << "there is none here";
  EXPECT_THAT(journal, ElementsAre("apply 0", "apply 0"));
}

TEST_F(AgentJobs, ADeviceAtWorkIsNotDisturbedByACheck) {
  ask(update(7));
  journal.clear();
  EXPECT_EQ(response(ask(R"({"hpcs_action":"CHECK"})")), "PASS");
  EXPECT_THAT(journal, IsEmpty());
}

TEST_F(AgentJobs, TheSameJobTwiceChangesNothing) {
  ask(update(7, vip("10.1.0.1", 1)));
  agent->writeColdStart();
  const auto answer = ask(update(7, vip("10.1.0.1", 1)));
  EXPECT_EQ(response(answer), "PASS");
  EXPECT_EQ(answer["mechanism"].text(), "");
  EXPECT_THAT(journal, ElementsAre("apply 7", "hold 10.1.0.1", "cold start 7", "apply 7"));
  EXPECT_EQ(changes, 1);
}

TEST_F(AgentJobs, AnOlderGenerationIsAnsweredAlreadyNewer) {
  ask(update(7));
  journal.clear();
  const auto answer = ask(update(6));
  EXPECT_EQ(response(answer), "PASS");
  EXPECT_TRUE(answer["already_newer"].boolean());
  EXPECT_EQ(answer["generation"].integer(), 7);
  EXPECT_THAT(journal, IsEmpty());
}

TEST_F(AgentJobs, AnOlderGenerationIsNotCalledDoneWhileTheNewerIsNot) {
  driver.broken = true;
  EXPECT_EQ(response(ask(update(7))), "FAIL HAProxy is not running.");
  EXPECT_EQ(response(ask(update(6))), "FAIL A newer configuration is being applied");
}

TEST_F(AgentJobs, AnAncestorsUpdateCountsAsNewest) {
  ask(update(7));
  EXPECT_EQ(
      response(ask(
          R"({"hpcs_action":"UPDATE","loadBalancers":[{"protocol":"HTTP","nodes":[{"id":1,"address":"10.0.0.1","port":80}]}]})")),
      "PASS");
  EXPECT_EQ(onDisk().state.load_balancers[0].nodes[0].id, "1");
}

TEST_F(AgentJobs, NothingIsTouchedByAnUpdateThatIsRefused) {
  ask(update(7));
  journal.clear();
  EXPECT_EQ(response(ask(R"({"hpcs_action":"UPDATE"})")), "badRequest Missing 'loadBalancers' element");
  EXPECT_EQ(response(ask(update(8, "", "0"))), "FAIL");
  EXPECT_EQ(response(ask(update(8, R"({"address":"x"})"))), "FAIL The address of a virtual IP is not valid");
  EXPECT_THAT(journal, IsEmpty());
  EXPECT_EQ(onDisk().state.generation, 7u);
}

TEST_F(AgentJobs, ANodeThatIsNotAsWantedIsMarked) {
  driver.failing_nodes = {"501"};
  EXPECT_EQ(ask(update(7))["loadBalancers"][0]["nodes"][0]["condition"].text(), "DISABLED");
}

TEST_F(AgentJobs, SuspendHoldsUntilEnable) {
  EXPECT_EQ(response(ask(R"({"hpcs_action":"SUSPEND"})")), "FAIL") << "nothing to suspend";
  ask(update(7));
  EXPECT_EQ(response(ask(R"({"hpcs_action":"SUSPEND"})")), "PASS");
  EXPECT_TRUE(driver.live()->suspended);
  ask(update(8));
  EXPECT_TRUE(driver.live()->suspended);
  restart();
  EXPECT_EQ(response(ask(R"({"hpcs_action":"ENABLE"})")), "PASS");
  EXPECT_FALSE(driver.live()->suspended);
}

TEST_F(AgentJobs, DeleteEmptiesTheDeviceAndSaysSo) {
  ask(update(7, vip("10.1.0.1", 1)));
  EXPECT_EQ(response(ask(R"({"hpcs_action":"DELETE"})")), "PASS");
  EXPECT_THAT(vips.on_interface, IsEmpty());
  EXPECT_THAT(driver.live()->load_balancers, IsEmpty());
  restart();
  agent->upkeep();
  for (const std::string action : {"STATS", "METRICS"}) {
    const auto answer = ask(R"({"hpcs_action":")" + action + R"("})");
    EXPECT_EQ(response(answer), "FAIL Invalid operation " + action + " on a deleted LB.");
    EXPECT_EQ(answer["status"].text(), "DELETED");
  }
  EXPECT_TRUE(ask(update(7))["already_newer"].boolean()) << "the job before DELETE, late";
  EXPECT_EQ(response(ask(update(8))), "PASS");
}

TEST_F(AgentJobs, ADeleteThatFailedIsFinishedLater) {
  ask(update(7));
  driver.broken = true;
  EXPECT_EQ(response(ask(R"({"hpcs_action":"DELETE"})")), "FAIL");
  driver.broken = false;
  agent->upkeep();
  EXPECT_THAT(driver.live()->load_balancers, IsEmpty());
}

TEST_F(AgentJobs, StatsTellEachNode) {
  ask(update(7));
  auto answer = ask(R"({"hpcs_action":"STATS"})");
  EXPECT_EQ(answer["nodes"].size(), 1u);
  EXPECT_EQ(answer["nodes"][0]["id"].text(), "501");
  EXPECT_EQ(answer["nodes"][0]["status"].text(), "UP");
  EXPECT_EQ(response(answer), "PASS");
  driver.failing_nodes = {"501"};
  answer = ask(R"({"hpcs_action":"STATS"})");
  EXPECT_EQ(answer["nodes"][0]["status"].text(), "DOWN");
  EXPECT_EQ(answer["nodes"][0]["reason"].text(), "connection refused");
  EXPECT_EQ(answer["nodes"][0]["changes"][0]["status"].text(), "DOWN");
  driver.broken = true;
  EXPECT_EQ(response(ask(R"({"hpcs_action":"STATS"})")), "FAIL HAProxy is not running.");
}

TEST_F(AgentJobs, NodesTheProxyCannotCheckAreCheckedHereAndTheProxyIsTold) {
  auto message = *json::parse(update(7));
  message["loadBalancers"][0].set(
      "monitor", *json::parse(R"({"type":"HTTPS","delay":9,"timeout":2,"attempts":1,"path":"/up","hostHeader":"a"})"));
  ask(json::dump(message));
  agent->upkeep();
  ASSERT_EQ(checks.watched.size(), 1u);
  const auto& [key, peer] = *checks.watched.begin();
  EXPECT_EQ(key.node, "501");
  EXPECT_EQ(peer.monitor->wanted.host, "a");
  EXPECT_TRUE(peer.up);
  const auto monitor = peer.monitor;

  checks.found[key] = {.up = false, .reason = "status 500"};
  agent->upkeep();
  EXPECT_EQ(driver.told.at("501"), protocol::NodeHealth::Down);
  EXPECT_EQ(checks.watched.begin()->second.monitor, monitor) << "made once";
  EXPECT_EQ(ask(R"({"hpcs_action":"STATS"})")["nodes"][0]["lastCheck"].text(), "status 500");

  ask(update(8));
  agent->upkeep();
  EXPECT_THAT(checks.watched, IsEmpty());
}

TEST_F(AgentJobs, MetricsTellAPeriodAgainUntilItIsAcknowledged) {
  ask(update(7));
  driver.used.load_balancers = {{"9", Protocol::Http, {.bytes_out = 300}, {}}};
  auto answer = ask(R"({"hpcs_action":"METRICS","acknowledged":0})");
  EXPECT_EQ(answer["loadBalancers"][0]["protocol"].text(), "http");
  EXPECT_EQ(answer["loadBalancers"][0]["bytes_out"].integer(), 300);
  EXPECT_THAT(answer["utc_end"].text(), HasSubstr(" "));

  driver.used.load_balancers[0].used.bytes_out = 500;
  restart();
  EXPECT_EQ(ask(R"({"hpcs_action":"METRICS","acknowledged":0})")["loadBalancers"][0]["bytes_out"].integer(), 300);
  answer = ask(R"({"hpcs_action":"METRICS","acknowledged":1})");
  EXPECT_EQ(answer["sequence"].integer(), 2);
  EXPECT_EQ(answer["loadBalancers"][0]["bytes_out"].integer(), 200);
}

TEST_F(AgentJobs, DiagnosticsAlwaysPass) {
  const auto answer = ask(R"({"hpcs_action":"DIAGNOSTICS"})");
  EXPECT_EQ(json::dump(answer["gearman"]),
            R"([{"host":"10.0.0.1","status":"PASS"},{"host":"10.0.0.2","status":"FAIL"}])");
  EXPECT_EQ(answer["network"].text(), "PASS");
  EXPECT_EQ(response(answer), "PASS");
}

TEST_F(AgentJobs, ArchiveIsCheckedAndItsTokenMasked) {
  EXPECT_EQ(response(ask(R"({"hpcs_action":"ARCHIVE"})")), "badRequest Missing 'hpcs_object_store_type' element");
  const auto answer = ask(R"({"hpcs_action":"ARCHIVE","hpcs_object_store_type":"swift","hpcs_object_store_basepath":"b",
      "hpcs_object_store_endpoint":"e","hpcs_object_store_token":"secret","loadBalancers":[{"id":"9"}]})");
  EXPECT_EQ(response(answer), "FAIL No log storage configured");
  EXPECT_EQ(answer["hpcs_object_store_token"].text(), "*****");
}

}  // namespace
}  // namespace libra::sidecar
