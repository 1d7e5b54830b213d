#pragma once

#include <gtest/gtest.h>

#include "sidecar/agent.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_device.h"
#include "tests/support/temp_dir.h"

namespace libra::sidecar {

// A device with everything around the agent played; restart() is a new life of the sidecar.
class AgentWorld : public ::testing::Test {
 protected:
  AgentWorld() { restart(); }

  void restart() {
    agent.reset();
    usage = std::make_unique<UsageLedger>(folder / "usage.json", clock);
    ASSERT_TRUE(usage->load());
    keeper = std::make_unique<DeviceKeeper>(driver, vips, StateFile(stateFile()), *usage, checks, clock);
    ASSERT_TRUE(keeper->load());
    if (!asks_first) keeper->trustVips();
    agent = std::make_unique<Agent>(
        *keeper, driver, *usage,
        Agent::Options{
            .version = "4.0",
            .release = "Libra 4.0",
            .diagnose =
                [] {
                  return protocol::Diagnosis{{{"10.0.0.1", true}, {"10.0.0.2", false}}, true};
                },
            .changed = [this] { ++changes; },
            .tell = [this](const heartbeat::Report& report, const auto& vips) { told = report, told_vips = vips; }});
  }
  std::string stateFile() const { return folder / "state"; }
  Stored onDisk() const { return *StateFile(stateFile()).read(); }

  json::Value ask(const std::string& payload) { return *json::parse(agent->answer(payload)); }
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
  std::vector<protocol::VirtualIpState> told_vips;
  std::unique_ptr<UsageLedger> usage;
  test::FakeChecks checks;
  std::unique_ptr<DeviceKeeper> keeper;
  std::unique_ptr<Agent> agent;
};

}  // namespace libra::sidecar
