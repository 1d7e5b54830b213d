#include "controller/service/usage_collection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/service/spare_pool.h"
#include "tests/support/fake_provider.h"
#include "tests/unit/controller/service_world.h"

namespace libra::service {
namespace {

using namespace libra::model;
using namespace libra::test;
using Mood = FakeGateway::Mood;
using ::testing::ElementsAre;

class UsageCollectionTest : public ::testing::Test {
 protected:
  UsageCollectionTest() : usage(world.context(), world.gateway, world.run()) {
    world.store.runTwice(true);
    world.addSpare("lb-1");
    world.addVip("10.77.9.1");
    lb = world.lbs().create(aRequest())->id;
    world.settle();
  }
  void tells(std::uint64_t sequence, std::uint64_t bytes_out) {
    world.gateway.with("lb-1", [&](FakeGateway::Device& device) {
      const auto end = world.clock.now();
      auto& period = device.usage.emplace_back(sequence, end - std::chrono::minutes(5), end);
      period.load_balancers.push_back({std::to_string(lb), Protocol::Http, {}, {}});
      period.load_balancers[0].used.bytes_out = bytes_out;
    });
  }
  void collect() {
    usage.collect();
    world.settle();
  }
  void isDestroyed() {
    provider.add("lb-1");
    SparePool pool(world.context(), provider, world.gateway, world.run(), {});
    pool.tick();
    world.settle();
    EXPECT_FALSE(provider.machines().contains("lb-1"));
  }
  std::vector<LbUsageSample> stored() {
    std::vector<LbUsageSample> samples;
    for (const auto& [key, sample] : world.store.rows().usage) samples.push_back(sample);
    return samples;
  }

  World world;
  FakeProvider provider;
  UsageCollection usage;
  std::int64_t lb = 0;
};

TEST_F(UsageCollectionTest, StoresWhatIsToldAndSaysSoNextTime) {
  tells(1, 500);
  collect();
  ASSERT_EQ(stored().size(), 1U);
  EXPECT_EQ(stored()[0].load_balancer, lb);
  EXPECT_EQ(stored()[0].bytes_out, 500U);
  EXPECT_EQ(stored()[0].status, "ACTIVE");
  EXPECT_EQ(stored()[0].end, world.clock.now());
  tells(2, 70);
  collect();
  EXPECT_EQ(stored().size(), 2U);
  EXPECT_THAT(world.gateway.device("lb-1").acknowledged, ElementsAre(0U, 1U));
}

TEST_F(UsageCollectionTest, WhatCouldNotBeStoredIsToldAgainAndCountsOnce) {
  tells(1, 500);
  usage.collect();
  world.step();  // it was asked; its answer waits to be stored
  world.store.failNext(1);
  world.settle();
  EXPECT_TRUE(stored().empty());
  collect();
  collect();  // the device did not hear of it yet
  EXPECT_EQ(stored().size(), 1U);
  EXPECT_THAT(world.gateway.device("lb-1").acknowledged, ElementsAre(0U, 0U, 1U));
}

TEST_F(UsageCollectionTest, WhoLostTheLeaseStoresNothing) {
  tells(1, 500);
  usage.collect();
  world.step();
  world.losesItsLeases();
  world.settle();
  EXPECT_TRUE(stored().empty());
}

TEST_F(UsageCollectionTest, NonsenseAndSilenceStoreNothing) {
  tells(0, 500);  // no sequence
  collect();
  world.gateway.becomes("lb-1", Mood::Unreachable);
  collect();
  EXPECT_TRUE(stored().empty());
  tells(1, 9);
  world.gateway.becomes("lb-1", Mood::Obeys);
  collect();
  EXPECT_EQ(stored().size(), 1U) << "and it is asked again";
}

TEST_F(UsageCollectionTest, WhatTwoProtocolsOfOneLoadBalancerUsedIsOneSample) {
  tells(1, 500);
  world.gateway.with("lb-1", [&](FakeGateway::Device& device) {
    auto& told = device.usage[0].load_balancers;
    told.push_back(told[0]);
    told[1].protocol = Protocol::Tcp;
  });
  collect();
  ASSERT_EQ(stored().size(), 1U);
  EXPECT_EQ(stored()[0].bytes_out, 1000U);
}

// What was outstanding, and what came after it.
TEST_F(UsageCollectionTest, ADeviceTellsAllBeforeItIsDestroyed) {
  tells(1, 500);
  tells(2, 70);
  ASSERT_TRUE(world.lbs().remove("a", lb));
  world.settle();
  isDestroyed();
  ASSERT_EQ(stored().size(), 2U);
  EXPECT_EQ(stored()[1].bytes_out, 70U);
  EXPECT_EQ(stored()[1].status, "DELETED");
}

TEST_F(UsageCollectionTest, ADeviceThatDoesNotAnswerIsDestroyedAllTheSame) {
  ASSERT_TRUE(world.lbs().remove("a", lb));
  world.settle();
  world.gateway.becomes("lb-1", Mood::Unreachable);
  isDestroyed();
  EXPECT_TRUE(stored().empty());
}

// It is not waited for, neither: it may hold its VIP until it is gone.
TEST_F(UsageCollectionTest, ADeviceThatConfirmedNoEndIsNotAsked) {
  world.store.edit([&](MemoryRows& rows) {
    auto& device = rows.devices.at(rows.load_balancers.at(lb).device);
    device.status = DeviceStatus::Deleted;
    ++device.generation;
  });
  isDestroyed();
  EXPECT_TRUE(world.gateway.device("lb-1").acknowledged.empty());
}

TEST_F(UsageCollectionTest, ALoadBalancerThatMovedKeepsItsStatus) {
  tells(1, 500);
  world.store.edit([&](MemoryRows& rows) { rows.load_balancers.at(lb).device = 99; });
  collect();
  ASSERT_EQ(stored().size(), 1U);
  EXPECT_EQ(stored()[0].status, "ACTIVE");
}

}  // namespace
}  // namespace libra::service
