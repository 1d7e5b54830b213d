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
    keeper = std::make_unique<DeviceKeeper>(driver, vips, StateFile(stateFile()), *usage, clock);
    ASSERT_TRUE(keeper->load());
    agent = std::make_unique<Agent>(
        *keeper, driver, *usage,
        Agent::Options{.version = "4.0",
                       .release = "Libra 4.0",
                       .diagnose =
                           [] {
                             return protocol::Diagnosis{{{"10.0.0.1", true}, {"10.0.0.2", false}}, true};
                           },
                       .changed = [this] { ++changes; }});
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
  testing::FakeClock clock;
  testing::Journal journal;
  testing::FakeDriver driver{journal};
  testing::FakeVipHolder vips{journal};
  int changes = 0;
  std::unique_ptr<UsageLedger> usage;
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

TEST_F(AgentTest, StateIsOnDiskBeforeTheProxyChangesAndVipsComeLast) {
  driver.before_apply = [&] { EXPECT_EQ(onDisk().state.generation, 7u); };
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
  EXPECT_EQ(json::dump(answer["nodes"]), R"([{"id":"501","status":"UP"}])");
  EXPECT_EQ(response(answer), "PASS");
  driver.failing_nodes = {"501"};
  EXPECT_EQ(ask(R"({"hpcs_action":"STATS"})")["nodes"][0]["status"].text(), "DOWN");
  driver.broken = true;
  EXPECT_EQ(response(ask(R"({"hpcs_action":"STATS"})")), "FAIL HAProxy is not running.");
}

TEST_F(AgentTest, MetricsTellAPeriodAgainUntilItIsAcknowledged) {
  ask(update(7));
  driver.used.load_balancers = {{.lb_id = "9", .protocol = Protocol::Http, .bytes_out = 300}};
  auto answer = ask(R"({"hpcs_action":"METRICS","acknowledged":0})");
  EXPECT_EQ(answer["loadBalancers"][0]["protocol"].text(), "http");
  EXPECT_EQ(answer["loadBalancers"][0]["bytes_out"].integer(), 300);
  EXPECT_THAT(answer["utc_end"].text(), HasSubstr(" "));

  driver.used.load_balancers[0].bytes_out = 500;
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

TEST_F(AgentTest, AFullDiskChangesNothing) {
  ask(update(7));
  journal.clear();
  std::filesystem::remove_all(folder.path());
  EXPECT_THAT(response(ask(update(8))), HasSubstr("FAIL"));
  EXPECT_THAT(journal, IsEmpty());
}

}  // namespace
}  // namespace libra::sidecar
