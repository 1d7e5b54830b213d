#include "controller/service/device_sync.h"

#include <gtest/gtest.h>

#include "tests/unit/controller/service_world.h"

namespace libra::service {
namespace {

using namespace libra::model;
using namespace libra::test;
using Mood = FakeGateway::Mood;
using std::chrono::seconds;

class DeviceSyncTest : public ::testing::Test {
 protected:
  DeviceSyncTest() {
    device = world.addSpare("lb-1");
    world.addVip("10.77.9.1");
  }
  std::int64_t create(const LoadBalancerRequest& request = aRequest()) {
    const auto made = world.lbs().create(request);
    EXPECT_TRUE(made);
    return made->id;
  }
  std::int64_t active() {
    const auto id = create();
    world.settle();
    EXPECT_EQ(world.status(id), LbStatus::Active);
    return id;
  }
  std::int64_t sharing(std::int64_t lb) {
    return create(aRequest().on("TCP").sharing(world.lbs().find("a", lb)->virtual_ip->id));
  }
  void mood(Mood mood) { world.gateway.becomes("lb-1", mood); }
  // With the setting `immutable = "queue"`.
  LoadBalancers queueing() {
    auto context = world.context();
    context.queue_changes = true;
    return LoadBalancers(context);
  }
  static LoadBalancerChange named(const std::string& name) {
    LoadBalancerChange change;
    change.name = name;
    return change;
  }
  int updates() { return world.gateway.device("lb-1").updates; }
  std::string text(std::int64_t lb) { return world.lb(lb).status_description; }

  World world;
  std::int64_t device = 0;
};

TEST_F(DeviceSyncTest, AnUnreachableDeviceIsTriedUntilItAnswers) {
  mood(Mood::Unreachable);
  const auto lb = create();
  world.pass(seconds(60));
  EXPECT_EQ(world.status(lb), LbStatus::Build);
  EXPECT_GT(world.device(device).attempts, 3) << "silence is no answer, it does not give up";
  EXPECT_LT(updates(), 30) << "it backs off";
  mood(Mood::Obeys);
  world.pass(seconds(16));
  EXPECT_EQ(world.status(lb), LbStatus::Active);
  EXPECT_EQ(world.device(device).status, DeviceStatus::Online);
  EXPECT_EQ(world.device(device).attempts, 0);
}

TEST_F(DeviceSyncTest, TellsHowLongTheWayToTheDeviceTook) {
  mood(Mood::Hangs);
  create();
  world.settle();
  world.clock.advance(std::chrono::milliseconds(40));
  world.gateway.release(Mood::Obeys);
  world.settle();
  EXPECT_EQ(world.phases.gearman.snapshot().count, 1u);
  EXPECT_DOUBLE_EQ(world.phases.gearman.snapshot().sum, 0.04);
  EXPECT_DOUBLE_EQ(world.phases.device.snapshot().sum, 0.0) << "the played device takes no time";
}

TEST_F(DeviceSyncTest, AtTheDeadlineAnUnreachableDeviceIsAnError) {
  mood(Mood::Unreachable);
  const auto lb = create();
  world.pass(seconds(121));
  EXPECT_EQ(world.status(lb), LbStatus::Error);
  EXPECT_EQ(text(lb), "System error communicating with load balancer");
  EXPECT_EQ(world.device(device).status, DeviceStatus::Error);
  EXPECT_EQ(world.counter("loadbalancers_error"), 1);
}

TEST_F(DeviceSyncTest, AtTheDeadlineAHangingDeviceIsAnError) {
  mood(Mood::Hangs);
  const auto lb = create();
  world.pass(seconds(121));
  EXPECT_EQ(updates(), 1) << "one job at a time";
  EXPECT_EQ(world.status(lb), LbStatus::Error);
  EXPECT_EQ(text(lb), "Timeout error communicating with load balancer");

  // The late answer is welcome, but an ERROR stays one.
  world.gateway.release(Mood::Obeys);
  world.settle();
  EXPECT_EQ(world.status(lb), LbStatus::Error);
  EXPECT_EQ(world.device(device).status, DeviceStatus::Online);
}

TEST_F(DeviceSyncTest, ADeviceThatFailsTooOftenIsGivenUpWithItsText) {
  mood(Mood::Fails);
  const auto lb = create();
  world.pass(seconds(3));
  EXPECT_EQ(world.status(lb), LbStatus::Error);
  EXPECT_EQ(text(lb), "Load Balancer error");
  EXPECT_EQ(world.device(device).status, DeviceStatus::Error);
  EXPECT_EQ(world.counter("loadbalancers_error"), 1);
}

TEST_F(DeviceSyncTest, ADeviceThatFailsOnceAndRecoversIsNoError) {
  mood(Mood::Fails);
  const auto lb = create();
  world.settle();
  EXPECT_EQ(world.status(lb), LbStatus::Build);
  EXPECT_EQ(world.device(device).last_error, "Load Balancer error");
  mood(Mood::Obeys);
  world.pass(seconds(2));
  EXPECT_EQ(world.status(lb), LbStatus::Active);
}

TEST_F(DeviceSyncTest, OnlyWhoWaitsFailsWithTheDevice) {
  const auto web = active();
  mood(Mood::Fails);
  const auto tcp = sharing(web);
  world.pass(seconds(3));
  EXPECT_EQ(world.status(tcp), LbStatus::Error);
  EXPECT_EQ(world.status(web), LbStatus::Active);
  EXPECT_EQ(world.device(device).status, DeviceStatus::Error);

  mood(Mood::Obeys);
  ASSERT_TRUE(world.lbs().remove("a", tcp));
  world.settle();
  EXPECT_EQ(world.status(tcp), LbStatus::Deleted);
  EXPECT_EQ(world.status(web), LbStatus::Active);
  EXPECT_EQ(world.device(device).status, DeviceStatus::Online) << "it runs what is wanted again";
}

TEST_F(DeviceSyncTest, ADeletionEndsWhateverTheDeviceSays) {
  const auto lb = active();
  mood(Mood::Unreachable);
  ASSERT_TRUE(world.lbs().remove("a", lb));
  world.pass(seconds(121));
  EXPECT_EQ(world.status(lb), LbStatus::Deleted);
  EXPECT_EQ(world.device(device).status, DeviceStatus::Deleted);
  EXPECT_EQ(world.store.rows().reserved["a"], 0);
  EXPECT_EQ(world.store.rows().vips.begin()->second.device, device) << "it may hold the VIP until it is destroyed";

  mood(Mood::Obeys);
  world.pass(seconds(16));
  EXPECT_EQ(world.store.rows().vips.begin()->second.device, 0) << "it said that it let it go";
}

TEST_F(DeviceSyncTest, AGenerationThatRoseMeanwhileIsSentRightAfter) {
  const auto web = active();
  mood(Mood::Hangs);
  ASSERT_TRUE(world.lbs().change("a", web, {}));
  world.settle();
  world.store.edit([&](MemoryRows& rows) { ++rows.devices.at(device).generation; });
  mood(Mood::Obeys);
  world.gateway.release(Mood::Obeys);
  world.settle();
  EXPECT_EQ(updates(), 3);
  EXPECT_EQ(world.device(device).applied_generation, world.device(device).generation);
}

TEST_F(DeviceSyncTest, AQueuedChangeGoesOutAfterTheOneUnderWay) {
  mood(Mood::Hangs);
  const auto lb = create();
  world.settle();
  EXPECT_EQ(world.lbs().change("a", lb, named("refused")).error().code, ErrorCode::Immutable);
  ASSERT_TRUE(queueing().change("a", lb, named("first")));
  ASSERT_TRUE(queueing().change("a", lb, named("last")));
  world.settle();
  EXPECT_EQ(world.status(lb), LbStatus::Build);
  EXPECT_EQ(updates(), 1) << "one job at a time";

  mood(Mood::Obeys);
  world.gateway.release(Mood::Obeys);
  world.settle();
  EXPECT_EQ(world.status(lb), LbStatus::Active);
  EXPECT_EQ(updates(), 2);
  EXPECT_EQ(world.runs("lb-1").load_balancers.at(0).name, "last");
}

TEST_F(DeviceSyncTest, AQueuedChangePutsNoDeadlineOff) {
  mood(Mood::Unreachable);
  const auto lb = create();
  world.pass(seconds(119));
  ASSERT_TRUE(queueing().change("a", lb, named("late")));
  world.pass(seconds(2));
  EXPECT_EQ(world.status(lb), LbStatus::Error);
}

TEST_F(DeviceSyncTest, AQueuedDeletionFollowsTheChangeUnderWay) {
  mood(Mood::Hangs);
  const auto lb = create();
  world.settle();
  EXPECT_EQ(world.lbs().remove("a", lb).error().code, ErrorCode::Immutable);
  ASSERT_TRUE(queueing().remove("a", lb));
  EXPECT_EQ(world.status(lb), LbStatus::PendingDelete);
  mood(Mood::Obeys);
  world.gateway.release(Mood::Obeys);
  world.settle();
  EXPECT_EQ(world.status(lb), LbStatus::Deleted);
  EXPECT_FALSE(queueing().remove("a", lb));
}

TEST_F(DeviceSyncTest, ANewLoadBalancerIsSentAsTheRowsSayIt) {
  auto request = aRequest().on("TCP");
  request.options.timeout = 5000;
  create(request);
  world.settle();
  const auto wanted = world.store.transact([&](Txn& txn) -> Result<protocol::DeviceState> {
    return wantedState(*txn.devices().find(device), txn.loadBalancers().onDevice(device), txn.vips().ofDevice(device));
  });
  EXPECT_EQ(world.runs("lb-1"), *wanted);
  EXPECT_EQ(wanted->load_balancers.size(), 1u);
}

TEST_F(DeviceSyncTest, AWakeWhileAJobIsUnderWayIsNotLost) {
  mood(Mood::Hangs);
  const auto web = create();
  world.settle();
  mood(Mood::Obeys);
  world.sync().wake(device);
  world.sync().wake(device);
  EXPECT_EQ(world.sync().underWay(), 1);
  world.gateway.release(Mood::Unreachable);
  world.settle();
  EXPECT_EQ(world.sync().underWay(), 0);
  world.pass(seconds(1));
  EXPECT_EQ(world.status(web), LbStatus::Active);
}

// Answers to generation 1 that arrive when generation 2 is wanted, applied, or gone.
TEST_F(DeviceSyncTest, AnAnswerToAnOlderGenerationConfirmsNothingNewer) {
  mood(Mood::Hangs);
  const auto lb = create();
  world.settle();  // generation 1 hangs
  world.die();     // another controller goes on
  world.sync().sweep();
  world.settle();                      // and sends it too
  world.gateway.release(Mood::Obeys);  // to a dead one
  world.settle();
  EXPECT_EQ(world.status(lb), LbStatus::Build);
  world.gateway.release(Mood::Obeys);
  world.settle();
  EXPECT_EQ(world.status(lb), LbStatus::Active);

  ASSERT_TRUE(world.lbs().change("a", lb, {}));
  world.settle();
  world.gateway.release(Mood::Fails);
  world.settle();
  EXPECT_EQ(world.status(lb), LbStatus::PendingUpdate);
  EXPECT_EQ(world.device(device).applied_generation, 1u);
}

TEST_F(DeviceSyncTest, ADeviceThatRunsWhatTheRowsForgotIsLedOn) {
  world.gateway.with("lb-1", [](FakeGateway::Device& d) { d.runs.generation = 37; });
  const auto lb = create();
  world.settle();
  EXPECT_EQ(world.device(device).generation, 38u);
  world.pass(seconds(1));
  EXPECT_EQ(world.status(lb), LbStatus::Active);
  EXPECT_EQ(world.runs("lb-1").generation, 38u);
  EXPECT_EQ(world.runs("lb-1").load_balancers.size(), 1u);
}

TEST_F(DeviceSyncTest, AnAbsurdGenerationIsAFailure) {
  world.gateway.with("lb-1", [](FakeGateway::Device& d) { d.runs.generation = ~std::uint64_t{0}; });
  const auto lb = create();
  world.pass(seconds(3));
  EXPECT_EQ(world.status(lb), LbStatus::Error);
  EXPECT_EQ(world.device(device).generation, 1u);
}

TEST_F(DeviceSyncTest, FailedNodesMakeItDegraded) {
  const auto lb = active();
  world.store.edit([&](MemoryRows& rows) { rows.load_balancers.at(lb).nodes[0].status = NodeStatus::Error; });
  ASSERT_TRUE(world.lbs().change("a", lb, {}));
  world.settle();
  EXPECT_EQ(world.status(lb), LbStatus::Degraded);
  EXPECT_EQ(text(lb), "A node on the load balancer has failed");
}

// --- the controller dies, the store fails ----------------------------------------

// Two load balancers made, one changed, both deleted; `between` runs after each piece of
// work. However often it cuts, the sweep finishes.
void liveThrough(World& world, const std::function<void()>& between) {
  const auto run = [&] {
    for (int i = 0; i < 40; ++i) {
      while (world.step()) between();
      world.clock.advance(seconds(1));
      world.sync().sweep();
    }
    world.settle();
  };
  const auto web = world.lbs().create(aRequest());
  ASSERT_TRUE(web);
  run();
  ASSERT_EQ(world.status(web->id), LbStatus::Active);
  const auto tcp = world.lbs().create(aRequest().on("TCP").sharing(web->virtual_ip->id));
  ASSERT_TRUE(tcp);
  run();
  ASSERT_EQ(world.status(tcp->id), LbStatus::Active);
  ASSERT_TRUE(world.nodes().add("a", web->id, {aNode("10.20.0.12")}));
  run();
  ASSERT_EQ(world.status(web->id), LbStatus::Active);
  ASSERT_EQ(world.runs("lb-1").load_balancers.size(), 2u);
  ASSERT_EQ(world.runs("lb-1").load_balancers[0].nodes.size(), 2u);
  ASSERT_TRUE(world.lbs().remove("a", tcp->id));
  run();
  ASSERT_TRUE(world.lbs().remove("a", web->id));
  run();

  const auto rows = world.store.rows();
  EXPECT_EQ(world.status(web->id), LbStatus::Deleted);
  EXPECT_EQ(world.status(tcp->id), LbStatus::Deleted);
  EXPECT_EQ(rows.reserved.at("a"), 0);
  EXPECT_EQ(rows.devices.begin()->second.status, DeviceStatus::Deleted);
  EXPECT_EQ(rows.vips.begin()->second.device, 0);
  EXPECT_TRUE(world.runs("lb-1").virtual_ips.empty());
  EXPECT_EQ(world.sync().underWay(), 0);
}

class Interrupted : public ::testing::TestWithParam<int> {
 protected:
  Interrupted() {
    world.store.runTwice(true);
    world.addSpare("lb-1");
    world.addVip("10.77.9.1");
  }
  World world;
};

TEST_P(Interrupted, ByTheDeathOfTheControllerEveryNthStepItStillFinishes) {
  int steps = 0;
  liveThrough(world, [&] {
    if (++steps % GetParam() == 0) world.die();
  });
}

TEST_P(Interrupted, ByAStoreThatRefusesEveryNthCommitItStillFinishes) {
  int steps = 0;
  liveThrough(world, [&] {
    if (++steps % GetParam() == 0) world.store.failNext(1);
  });
  EXPECT_TRUE(world.counters.flush() || world.counters.flush());
}

INSTANTIATE_TEST_SUITE_P(Every, Interrupted, ::testing::Values(2, 3, 4, 5, 7));

TEST(InterruptedOnce, AfterAnyStepOfACreateTheSweepMakesItActive) {
  for (int at = 0; at < 4; ++at) {
    World world;
    world.addSpare("lb-1");
    world.addVip("10.77.9.1");
    const auto lb = world.lbs().create(aRequest());
    for (int i = 0; i < at; ++i) world.step();
    world.die();
    world.pass(seconds(1));
    EXPECT_EQ(world.status(lb->id), LbStatus::Active) << "dead after step " << at;
    EXPECT_EQ(world.store.rows().load_balancers.size(), 1u);
  }
}

TEST(InterruptedOnce, ACreateThatIsNotCommittedLeavesNothing) {
  World world;
  world.addSpare("lb-1");
  world.addVip("10.77.9.1");
  world.store.failNext(1);
  const auto refused = world.lbs().create(aRequest());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::Unavailable);
  EXPECT_TRUE(world.store.rows().load_balancers.empty());
  EXPECT_EQ(world.store.rows().devices.begin()->second.status, DeviceStatus::Offline);
  EXPECT_EQ(world.store.rows().vips.begin()->second.device, 0);
}

}  // namespace
}  // namespace libra::service
