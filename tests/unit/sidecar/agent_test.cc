#include "sidecar/agent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_device.h"
#include "tests/support/temp_dir.h"

namespace libra::sidecar {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

json::Value parsed(const std::string& text) { return *json::parse(text); }

// A device with everything around the agent played; restart() is a new life of the sidecar.
class AgentTest : public ::testing::Test {
 protected:
  AgentTest() { restart(); }

  void restart() {
    agent.reset();
    usage = std::make_unique<UsageLedger>(folder / "usage.json", clock);
    ASSERT_TRUE(usage->load());
    keeper = std::make_unique<DeviceKeeper>(driver, vips, StateFile(stateFile()), *usage, checks, clock);
    ASSERT_TRUE(keeper->load());
    if (!asks_first) keeper->trustVips();
    agent = std::make_unique<Agent>(
        *keeper, driver, *usage,
        Agent::Options{.version = "4.0",
                       .release = "Libra 4.0",
                       .diagnose =
                           [] {
                             return protocol::Diagnosis{{{"10.0.0.1", true}, {"10.0.0.2", false}}, true};
                           },
                       .changed = [this] { ++changes; },
                       .tell = [this](const heartbeat::Report& report) { told = report; }});
  }
  std::string stateFile() const { return folder / "state"; }
  Stored onDisk() const { return *StateFile(stateFile()).read(); }

  json::Value ask(const std::string& payload) { return parsed(agent->answer(payload)); }
  std::string response(const json::Value& answer) {
    if (answer["badRequest"]) return "badRequest " + answer["badRequest"]["validationErrors"]["message"].text();
    const auto error = answer["hpcs_error"].text();
    return answer["hpcs_response"].text() + (error.empty() ? "" : " " + error);
  }

  static std::string update(int generation, const std::string& vips_json = "", const std::string& port = "80") {
    return R"({"hpcs_action":"UPDATE","generation":)" + std::to_string(generation) +
           R"(,"loadBalancers":[{"id":"9","name":"web","protocol":"HTTP","port":)" + port +
           R"(,"nodes":[{"id":"501","address":"10.20.0.11","port":80}]}],"virtualIps":[)" + vips_json + "]}";
  }
  static std::string vip(const std::string& address, int epoch) {
    return R"({"address":")" + address + R"(","prefix":24,"epoch":)" + std::to_string(epoch) + "}";
  }

  test::TempDir folder;
  test::FakeClock clock;
  test::Journal journal;
  test::FakeDriver driver{journal};
  test::FakeVipHolder vips{journal};
  bool asks_first = false;  // whether a new life may take up its VIPs
  int changes = 0;
  heartbeat::Report told;
  std::unique_ptr<UsageLedger> usage;
  test::FakeChecks checks;
  std::unique_ptr<DeviceKeeper> keeper;
  std::unique_ptr<Agent> agent;
};

TEST_F(AgentTest, WhatItDoesNotUnderstandFailsWithoutAText) {
  for (const char* payload :
       {"", "{", "[]", "null", "{}", R"({"hpcs_action":"REBOOT"})", R"({"hpcs_action":{}})", "\xff"})
    EXPECT_EQ(response(ask(payload)), "FAIL") << payload;
  EXPECT_EQ(response(ask(std::string(9 << 20, ' ') + "{}")), "FAIL");
  EXPECT_THAT(journal, IsEmpty());
}

TEST_F(AgentTest, AnAnswerIsTheRequestWithFieldsAddedInPureAscii) {
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

TEST_F(AgentTest, AProxyThatCarriesNothingIsToldAndForgotten) {
  const auto answer = ask(R"({"hpcs_action":"CHECK"})");
  EXPECT_EQ(response(answer), "FAIL The proxy carries no request") << "there is none here";
  EXPECT_THAT(journal, ElementsAre("apply 0", "apply 0"));
}

TEST_F(AgentTest, ADeviceAtWorkIsNotDisturbedByACheck) {
  ask(update(7));
  journal.clear();
  EXPECT_EQ(response(ask(R"({"hpcs_action":"CHECK"})")), "PASS");
  EXPECT_THAT(journal, IsEmpty());
}

TEST_F(AgentTest, VipsComeLastWhenTheStateIsOnDisk) {
  vips.before_hold = [&] { EXPECT_EQ(onDisk().state.generation, 7u); };
  const auto answer = ask(update(7, vip("10.1.0.1", 1)));
  EXPECT_EQ(response(answer), "PASS");
  EXPECT_EQ(answer["generation"].integer(), 7);
  EXPECT_EQ(answer["mechanism"].text(), "runtime");
  EXPECT_EQ(answer["loadBalancers"][0]["nodes"][0]["condition"].text(), "ENABLED");
  EXPECT_THAT(journal, ElementsAre("apply 7", "hold 10.1.0.1"));
  EXPECT_EQ(changes, 1);
}

TEST_F(AgentTest, TheSameJobTwiceChangesNothing) {
  ask(update(7, vip("10.1.0.1", 1)));
  agent->writeColdStart();
  const auto answer = ask(update(7, vip("10.1.0.1", 1)));
  EXPECT_EQ(response(answer), "PASS");
  EXPECT_EQ(answer["mechanism"].text(), "");
  EXPECT_THAT(journal, ElementsAre("apply 7", "hold 10.1.0.1", "cold start 7", "apply 7"));
  EXPECT_EQ(changes, 1);
}

TEST_F(AgentTest, AnOlderGenerationIsAnsweredAlreadyNewer) {
  ask(update(7));
  journal.clear();
  const auto answer = ask(update(6));
  EXPECT_EQ(response(answer), "PASS");
  EXPECT_TRUE(answer["already_newer"].boolean());
  EXPECT_EQ(answer["generation"].integer(), 7);
  EXPECT_THAT(journal, IsEmpty());
}

TEST_F(AgentTest, AnOlderGenerationIsNotCalledDoneWhileTheNewerIsNot) {
  driver.broken = true;
  EXPECT_EQ(response(ask(update(7))), "FAIL HAProxy is not running.");
  EXPECT_EQ(response(ask(update(6))), "FAIL A newer configuration is being applied");
}

TEST_F(AgentTest, AnAncestorsUpdateCountsAsNewest) {
  ask(update(7));
  EXPECT_EQ(
      response(ask(
          R"({"hpcs_action":"UPDATE","loadBalancers":[{"protocol":"HTTP","nodes":[{"id":1,"address":"10.0.0.1","port":80}]}]})")),
      "PASS");
  EXPECT_EQ(onDisk().state.load_balancers[0].nodes[0].id, "1");
}

TEST_F(AgentTest, NothingIsTouchedByAnUpdateThatIsRefused) {
  ask(update(7));
  journal.clear();
  EXPECT_EQ(response(ask(R"({"hpcs_action":"UPDATE"})")), "badRequest Missing 'loadBalancers' element");
  EXPECT_EQ(response(ask(update(8, "", "0"))), "FAIL");
  EXPECT_EQ(response(ask(update(8, R"({"address":"x"})"))), "FAIL The address of a virtual IP is not valid");
  EXPECT_THAT(journal, IsEmpty());
  EXPECT_EQ(onDisk().state.generation, 7u);
}

TEST_F(AgentTest, AProxyThatFailsIsToldAndRepairedWhenItIsBack) {
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

TEST_F(AgentTest, ANodeThatIsNotAsWantedIsMarked) {
  driver.failing_nodes = {"501"};
  EXPECT_EQ(ask(update(7))["loadBalancers"][0]["nodes"][0]["condition"].text(), "DISABLED");
}

TEST_F(AgentTest, VipsNobodyWantsAreDroppedBeforeTheProxyChanges) {
  ask(update(7, vip("10.1.0.1", 1) + "," + vip("10.1.0.2", 1)));
  journal.clear();
  EXPECT_EQ(response(ask(update(8, vip("10.1.0.2", 1)))), "PASS");
  EXPECT_THAT(journal, ElementsAre("drop 10.1.0.1", "apply 8"));
}

TEST_F(AgentTest, AnAddressTheSidecarDidNotAddIsNeverRemoved) {
  vips.on_interface[*NetAddress::parse("10.1.0.1")] = 16;  // the management address
  ask(update(7, vip("10.1.0.1", 1)));
  restart();
  EXPECT_EQ(response(ask(update(8))), "PASS");
  EXPECT_TRUE(vips.on_interface.contains(*NetAddress::parse("10.1.0.1")));
}

TEST_F(AgentTest, AVipOfAnOldEpochIsRefusedAlsoAfterARestart) {
  ask(update(7, vip("10.1.0.1", 5)));
  ask(update(8));
  restart();
  journal.clear();
  EXPECT_EQ(response(ask(update(9, vip("10.1.0.1", 4)))), "FAIL Virtual IP 10.1.0.1 was given away since");
  EXPECT_THAT(journal, IsEmpty());
  EXPECT_EQ(response(ask(update(10, vip("10.1.0.1", 5)))), "PASS");
}

TEST_F(AgentTest, ARestartedSidecarChangesNothing) {
  ask(update(7, vip("10.1.0.1", 1)));
  const auto before = vips.on_interface;
  restart();
  journal.clear();
  agent->upkeep();
  EXPECT_THAT(journal, ElementsAre("apply 7"));
  EXPECT_EQ(vips.on_interface, before);
  EXPECT_TRUE(ask(update(6))["already_newer"].boolean());
}

TEST_F(AgentTest, ARebootedDeviceTakesUpWhatItCarried) {
  ask(update(7, vip("10.1.0.1", 1)));
  vips.on_interface.clear();
  journal.clear();
  restart();
  agent->upkeep();
  EXPECT_THAT(journal, ElementsAre("apply 7", "hold 10.1.0.1"));
}

TEST_F(AgentTest, ARestartedProxyIsRepairedWithinSeconds) {
  ask(update(7));
  clock.advance(std::chrono::seconds(5));
  agent->upkeep();
  journal.clear();
  driver.used.proxy_start = 2;
  clock.advance(std::chrono::seconds(5));
  agent->upkeep();
  EXPECT_THAT(journal, ElementsAre("apply 7"));
}

TEST_F(AgentTest, AProxyThatRestartsRightAfterTheFirstJobIsRepaired) {
  ask(update(7));
  journal.clear();
  driver.used.proxy_start = 2;  // nobody saw the first one's
  clock.advance(std::chrono::seconds(1));
  agent->upkeep();
  EXPECT_THAT(journal, ElementsAre("apply 7"));
}

TEST_F(AgentTest, AQuietDeviceIsComparedEachThirtySeconds) {
  ask(update(7));
  agent->upkeep();
  journal.clear();
  for (int second = 0; second < 59; ++second) {
    clock.advance(std::chrono::seconds(1));
    agent->upkeep();
  }
  EXPECT_THAT(journal, ElementsAre("apply 7"));
}

TEST_F(AgentTest, DriftIsToldInStatsUntilItIsOld) {
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

TEST_F(AgentTest, WhatAJobChangesIsNoDrift) {
  driver.drift = {"vip.map *:80"};
  ask(update(7));
  EXPECT_FALSE(ask(R"({"hpcs_action":"STATS"})")["events"]);
}

TEST_F(AgentTest, SuspendHoldsUntilEnable) {
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

TEST_F(AgentTest, DeleteEmptiesTheDeviceAndSaysSo) {
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

TEST_F(AgentTest, ADeleteThatFailedIsFinishedLater) {
  ask(update(7));
  driver.broken = true;
  EXPECT_EQ(response(ask(R"({"hpcs_action":"DELETE"})")), "FAIL");
  driver.broken = false;
  agent->upkeep();
  EXPECT_THAT(driver.live()->load_balancers, IsEmpty());
}

TEST_F(AgentTest, StatsTellEachNode) {
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

TEST_F(AgentTest, NodesTheProxyCannotCheckAreCheckedHereAndTheProxyIsTold) {
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

TEST_F(AgentTest, MetricsTellAPeriodAgainUntilItIsAcknowledged) {
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

TEST_F(AgentTest, DiagnosticsAlwaysPass) {
  const auto answer = ask(R"({"hpcs_action":"DIAGNOSTICS"})");
  EXPECT_EQ(json::dump(answer["gearman"]),
            R"([{"host":"10.0.0.1","status":"PASS"},{"host":"10.0.0.2","status":"FAIL"}])");
  EXPECT_EQ(answer["network"].text(), "PASS");
  EXPECT_EQ(response(answer), "PASS");
}

TEST_F(AgentTest, ArchiveIsCheckedAndItsTokenMasked) {
  EXPECT_EQ(response(ask(R"({"hpcs_action":"ARCHIVE"})")), "badRequest Missing 'hpcs_object_store_type' element");
  const auto answer = ask(R"({"hpcs_action":"ARCHIVE","hpcs_object_store_type":"swift","hpcs_object_store_basepath":"b",
      "hpcs_object_store_endpoint":"e","hpcs_object_store_token":"secret","loadBalancers":[{"id":"9"}]})");
  EXPECT_EQ(response(answer), "FAIL No log storage configured");
  EXPECT_EQ(answer["hpcs_object_store_token"].text(), "*****");
}

TEST_F(AgentTest, AColdStartIsWrittenOncePerChange) {
  ask(update(7));
  journal.clear();
  agent->writeColdStart();
  agent->writeColdStart();
  EXPECT_THAT(journal, ElementsAre("cold start 7"));
}

TEST_F(AgentTest, AJobDoesNotWaitForAColdStartThatIsWritten) {
  ask(update(7));
  journal.clear();
  driver.while_writing = [&] { EXPECT_EQ(response(ask(update(8))), "PASS"); };
  agent->writeColdStart();
  driver.while_writing = nullptr;
  agent->writeColdStart();
  EXPECT_THAT(journal, ElementsAre("apply 8", "cold start 7", "cold start 8"));
}

TEST_F(AgentTest, AColdStartThatCouldNotBeWrittenIsDueAgain) {
  ask(update(7));
  journal.clear();
  driver.broken = true;
  agent->writeColdStart();
  driver.broken = false;
  agent->writeColdStart();
  EXPECT_THAT(journal, ElementsAre("cold start 7", "cold start 7"));
}

TEST_F(AgentTest, AFullDiskIsToldAndTakesNoVipUntilItCanBeWritten) {
  ask(update(7));
  journal.clear();
  std::filesystem::remove_all(folder.path());
  EXPECT_THAT(response(ask(update(8, vip("10.77.9.1", 1)))), HasSubstr("FAIL"));
  EXPECT_THAT(journal, ElementsAre("apply 8"));
  std::filesystem::create_directories(folder.path());
  EXPECT_EQ(response(ask(update(8, vip("10.77.9.1", 1)))), "PASS");
  EXPECT_EQ(onDisk().state.generation, 8u);
}

TEST_F(AgentTest, AVipThatAnotherDeviceHoldsIsGivenUpForGood) {
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

TEST_F(AgentTest, AnOlderEpochTakesNoVipAway) {
  ask(update(7, vip("10.77.9.1", 3)));
  agent->yield({*NetAddress::parse("10.77.9.1"), 2});
  agent->yield({*NetAddress::parse("10.77.9.2"), 9});
  EXPECT_EQ(vips.on_interface.size(), 1u);
}

TEST_F(AgentTest, ARebootedDeviceTakesUpNoVipBeforeItIsKnownToBeItsOwn) {
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

TEST_F(AgentTest, ARestartedSidecarLeavesTheVipsOnTheInterfaceWhereTheyAre) {
  ask(update(7, vip("10.77.9.1", 3)));
  asks_first = true;
  restart();
  journal.clear();
  agent->upkeep();
  EXPECT_THAT(journal, ElementsAre("apply 7"));
  EXPECT_EQ(vips.on_interface.size(), 1u);
}

TEST_F(AgentTest, ARestartedProxyIsMadeRightAtOnce) {
  ask(update(7));
  journal.clear();
  agent->proxyRestarted();
  EXPECT_THAT(journal, ElementsAre("apply 7"));
}

}  // namespace
}  // namespace libra::sidecar
