// The ancestor's pool messages, spec/libra.md 4.6.

#include <gtest/gtest.h>

#include "controller/jobs/pool_mgm_worker.h"
#include "tests/support/fake_provider.h"
#include "tests/unit/controller/service_world.h"

namespace libra {
namespace {

using namespace libra::test;
using Mood = FakeGateway::Mood;

class PoolMgm : public ::testing::Test {
 protected:
  json::Value ask(const std::string& payload) {
    auto answer = json::parse(answerPoolMessage(pool_, payload));
    EXPECT_TRUE(answer);
    return *answer;
  }
  void expectFail(const std::string& payload, const std::string& error) {
    const auto answer = ask(payload);
    EXPECT_EQ(answer["response"].text(), "FAIL") << payload;
    EXPECT_EQ(answer["error"].text(), error) << payload;
  }
  void expectPass(const std::string& payload) { EXPECT_EQ(ask(payload)["response"].text(), "PASS") << payload; }
  std::int64_t holder(std::int64_t vip) { return world_.store.rows().vips.at(vip).device; }

  World world_;
  FakeProvider provider_;
  service::Failover failover_{world_.context()};
  service::DevicesAdmin devices_{world_.context(), world_.gateway, failover_};
  service::PoolManager pool_{world_.context(), provider_, world_.gateway, devices_, {}};
};

TEST_F(PoolMgm, BuildsADeviceThatAnswers) {
  const auto answer = ask(R"({"action": "build_device", "extra": 1})");
  EXPECT_EQ(answer["response"].text(), "PASS");
  EXPECT_EQ(answer["action"].text(), "build_device") << "the answer echoes the request";
  EXPECT_EQ(answer["extra"].integer(), 1);
  EXPECT_EQ(answer["name"].text().rfind("lb-", 0), 0u);
  EXPECT_EQ(answer["addr"].text(), "10.77.2.1");
  EXPECT_EQ(answer["type"].text(), "haproxy");
  EXPECT_TRUE(answer["az"].isInteger());
  EXPECT_TRUE(provider_.machines().contains(answer["name"].text()));
}

TEST_F(PoolMgm, ADeviceThatDoesNotAnswerIsGoneAgain) {
  world_.gateway.othersBecome(Mood::Unreachable);
  const auto answer = ask(R"({"action": "BUILD_DEVICE"})");
  EXPECT_EQ(answer["response"].text(), "FAIL");
  EXPECT_EQ(answer["error"].text(), "The device does not answer");
  EXPECT_NE(answer["name"].text(), "");
  EXPECT_TRUE(provider_.machines().empty());
}

TEST_F(PoolMgm, AProviderThatFailsYieldsNoName) {
  provider_.failNext(1);
  const auto answer = ask(R"({"action": "BUILD_DEVICE"})");
  EXPECT_EQ(answer["response"].text(), "FAIL");
  EXPECT_EQ(answer["error"].text(), "no quota");
  EXPECT_FALSE(answer["name"]);
}

TEST_F(PoolMgm, DeletesADeviceThatCarriesNothing) {
  provider_.add("lb-x");
  expectPass(R"({"action": "DELETE_DEVICE", "name": "lb-x"})");
  EXPECT_FALSE(provider_.machines().contains("lb-x"));
  expectFail(R"({"action": "DELETE_DEVICE", "name": "lb-x"})", "Device lb-x not found");
  expectFail(R"({"action": "DELETE_DEVICE"})", "Device  not found");

  const auto spare = world_.addSpare("lb-1");
  expectPass(R"({"action": "DELETE_DEVICE", "name": "lb-1"})");
  EXPECT_EQ(world_.device(spare).status, model::DeviceStatus::Deleted) << "the pool destroys it";

  world_.addSpare("lb-2");
  world_.addVip("10.77.9.1");
  ASSERT_TRUE(world_.lbs().create(aRequest()));
  expectFail(R"({"action": "DELETE_DEVICE", "name": "lb-2"})", "Device lb-2 carries load balancers");
}

TEST_F(PoolMgm, TellsAFreeVip) {
  expectFail(R"({"action": "BUILD_IP"})", "No virtual IP is free");
  const auto vip = world_.addVip("10.77.9.1");
  const auto answer = ask(R"({"action": "BUILD_IP"})");
  EXPECT_EQ(answer["response"].text(), "PASS");
  EXPECT_EQ(answer["id"].integer(), vip);
  EXPECT_EQ(answer["ip"].text(), "10.77.9.1");
}

TEST_F(PoolMgm, MovesAVipToTheDeviceThatIsNamed) {
  world_.addSpare("lb-1");
  const auto vip = world_.addVip("10.77.9.1");
  ASSERT_TRUE(world_.lbs().create(aRequest()));
  world_.settle();
  world_.addSpare("lb-2");
  world_.addVip("10.77.9.2");
  ASSERT_TRUE(world_.lbs().create(aRequest().named("other")));
  world_.settle();
  const auto epoch = world_.runs("lb-1").virtual_ips.at(0).epoch;

  expectPass(R"({"action": "ASSIGN_IP", "name": "lb-2", "ip": "10.77.9.1"})");
  world_.settle();
  EXPECT_TRUE(world_.runs("lb-1").virtual_ips.empty());
  EXPECT_EQ(world_.runs("lb-2").virtual_ips.size(), 2u);
  EXPECT_EQ(world_.store.rows().vips.at(vip).epoch, epoch + 1);
  expectPass(R"({"action": "ASSIGN_IP", "name": "lb-2", "ip": "10.77.9.1"})");
  EXPECT_EQ(world_.store.rows().vips.at(vip).epoch, epoch + 1) << "it is there already";

  expectFail(R"({"action": "REMOVE_IP", "name": "lb-1", "ip": "10.77.9.1"})", "Device lb-1 does not hold 10.77.9.1");
  expectPass(R"({"action": "REMOVE_IP", "name": "lb-2", "ip": "10.77.9.1"})");
  world_.settle();
  EXPECT_EQ(holder(vip), 0);
  EXPECT_EQ(world_.runs("lb-2").virtual_ips.size(), 1u);
}

TEST_F(PoolMgm, ReleasesAVipFromWhoeverHoldsIt) {
  world_.addSpare("lb-1");
  const auto vip = world_.addVip("10.77.9.1");
  ASSERT_TRUE(world_.lbs().create(aRequest()));
  expectPass(R"({"action": "DELETE_IP", "ip": "10.77.9.1"})");
  EXPECT_EQ(holder(vip), 0);
  expectFail(R"({"action": "BUILD_IP"})", "No virtual IP is free");  // it is in quarantine
  expectPass(R"({"action": "DELETE_IP", "ip": "10.77.9.1"})");
}

TEST_F(PoolMgm, WhatItDoesNotUnderstandFails) {
  for (const char* payload : {"", "nonsense", "[]", "\"x\"", "{", "null"})
    expectFail(payload, "The message is no JSON object");
  for (const char* payload : {"{}", R"({"action": null})", R"({"action": 5})", R"({"action": "BUILD"})"})
    expectFail(payload, "Unknown action");
  for (const char* action : {"ASSIGN_IP", "REMOVE_IP"})
    for (const char* rest : {"", R"(, "name": "lb-9", "ip": "10.77.9.1")", R"(, "name": 5, "ip": [])"})
      EXPECT_EQ(ask(std::string(R"({"action": ")") + action + "\"" + rest + "}")["response"].text(), "FAIL");
  for (const char* ip : {"10.77.9.9", "x", ""})
    expectFail(std::string(R"({"action": "DELETE_IP", "ip": ")") + ip + "\"}",
               std::string("Virtual IP ") + ip + " not found");
}

}  // namespace
}  // namespace libra
