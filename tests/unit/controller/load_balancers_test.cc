#include "controller/service/load_balancers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "tests/support/said.h"
#include "tests/unit/controller/service_world.h"

namespace libra::service {
namespace {

using namespace libra::model;
using namespace libra::test;

// Every story is told twice: the second time each transaction body runs twice.
class LoadBalancersTest : public ::testing::TestWithParam<bool> {
 protected:
  LoadBalancersTest() {
    world.store.runTwice(GetParam());
    first = world.addSpare("lb-1");
    second = world.addSpare("lb-2");
    vip = world.addVip("10.77.9.1");
    world.addVip("10.77.9.2");
  }
  LoadBalancer create(const LoadBalancerRequest& request) {
    const auto made = world.lbs().create(request);
    EXPECT_TRUE(made) << said(made);
    world.settle();
    return made ? *made : LoadBalancer{};
  }
  LoadBalancer createPair() {
    web = create(aRequest());
    return create(aRequest().on("TCP").sharing(web.virtual_ip->id));
  }
  int reserved() { return world.store.rows().reserved["a"]; }

  World world;
  std::int64_t first, second, vip;
  LoadBalancer web;
};

TEST_P(LoadBalancersTest, ANewOneTakesASpareAndAVipAndBecomesActive) {
  const auto made = world.lbs().create(aRequest().withOptions(5000, {}));
  ASSERT_TRUE(made);
  EXPECT_EQ(made->status, LbStatus::Build);
  EXPECT_EQ(made->virtual_ip->id, vip);
  EXPECT_EQ(made->nodes.size(), 1u);
  EXPECT_EQ(world.device(first).status, DeviceStatus::Build);

  world.settle();
  EXPECT_EQ(world.status(made->id), LbStatus::Active);
  EXPECT_EQ(world.device(first).status, DeviceStatus::Online);
  const auto state = world.runs("lb-1");
  ASSERT_EQ(state.load_balancers.size(), 1u);
  EXPECT_EQ(state.load_balancers[0].id, std::to_string(made->id));
  EXPECT_EQ(state.load_balancers[0].addresses, std::vector{made->virtual_ip->address});
  EXPECT_EQ(state.load_balancers[0].options.client_timeout.count(), 5000);
  ASSERT_EQ(state.virtual_ips.size(), 1u);
  EXPECT_EQ(state.virtual_ips[0].epoch, 1u);
  EXPECT_EQ(world.gateway.device("lb-1").updates, 1) << "one job makes it all";
  EXPECT_EQ(world.gateway.device("lb-2").updates, 0);
  EXPECT_EQ(world.counter("api_loadbalancers_create"), 1);
  EXPECT_EQ(world.counter("loadbalancers_updated"), 1);
}

TEST_P(LoadBalancersTest, WithoutASpareNothingIsStored) {
  create(aRequest());
  create(aRequest());
  const auto refused = world.lbs().create(aRequest());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::Internal);
  EXPECT_EQ(refused.error().message, "No devices available");
  EXPECT_EQ(refused.error().detail, "no spare device that can carry it");
  EXPECT_EQ(world.store.rows().load_balancers.size(), 2u);
  EXPECT_EQ(reserved(), 2);
}

TEST_P(LoadBalancersTest, WithoutAVipTheSpareStaysASpare) {
  world.store.edit([](MemoryRows& rows) { rows.vips.clear(); });
  const auto refused = world.lbs().create(aRequest());
  EXPECT_EQ(said(refused), "No devices available");
  EXPECT_EQ(refused.error().detail, "no free virtual IP");
  EXPECT_EQ(world.device(first).status, DeviceStatus::Offline);
  EXPECT_EQ(reserved(), 0);
}

TEST_P(LoadBalancersTest, TheQuotaCountsUntilTheyAreGone) {
  world.store.edit([](MemoryRows& rows) { rows.tenant_limit["a"] = 1; });
  const auto made = create(aRequest());
  const auto refused = world.lbs().create(aRequest());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::OverLimit);
  EXPECT_EQ(refused.error().message, "Account has hit limit of 1 Load Balancers");
  EXPECT_TRUE(world.lbs().create(aRequest().of("b"))) << "another tenant's quota";

  ASSERT_TRUE(world.lbs().remove("a", made.id));
  EXPECT_FALSE(world.lbs().create(aRequest())) << "it is still being deleted";
  world.settle();
  EXPECT_EQ(reserved(), 0);
}

// Checks 13-18 of spec 1.6.6: where two are broken the earlier one speaks.
TEST_P(LoadBalancersTest, LimitsAreCheckedInTheSpecsOrder) {
  world.store.edit([](MemoryRows& rows) {
    rows.limits["maxLoadBalancerNameLength"] = 4;
    rows.limits["maxNodesPerLoadBalancer"] = 1;
    rows.tenant_limit["full"] = 1;
    rows.reserved["full"] = 1;
  });
  const auto two = aRequest().named("long name").withNodes({aNode(), aNode()}).on("udp");
  EXPECT_EQ(said(world.lbs().create(two.of("full"))), "Length of Load Balancer name too long");
  EXPECT_EQ(said(world.lbs().create(two.of("full").named(""))), "Account has hit limit of 1 Load Balancers");
  EXPECT_EQ(said(world.lbs().create(two.named(""))), "Too many backend nodes supplied (limit is 1)");
  EXPECT_EQ(said(world.lbs().create(aRequest().on("udp"))), "Invalid protocol udp");
  EXPECT_EQ(said(world.lbs().create(aRequest().on("tcp", 22))), "Port number 22 is not allowed for TCP protocol");
  EXPECT_EQ(said(world.lbs().create(aRequest().withNodes({}).named("long name"))),
            "At least one backend node needs to be supplied");
  EXPECT_EQ(reserved(), 0);
}

TEST_P(LoadBalancersTest, ASecondOneSharesTheVip) {
  const auto tcp = createPair();
  EXPECT_EQ(tcp.device, first);
  EXPECT_EQ(tcp.virtual_ip->id, web.virtual_ip->id);
  EXPECT_EQ(world.status(tcp.id), LbStatus::Active);
  EXPECT_EQ(world.device(first).status, DeviceStatus::Online);
  EXPECT_EQ(world.runs("lb-1").load_balancers.size(), 2u);
  EXPECT_EQ(world.device(second).status, DeviceStatus::Offline);
}

TEST_P(LoadBalancersTest, AVipIsSharedWithinATenantOnly) {
  const auto made = create(aRequest());
  const auto id = made.virtual_ip->id;
  const auto free = vip + 1;
  for (const auto& request : {aRequest().of("b").on("TCP").sharing(id), aRequest().on("TCP").sharing(free),
                              aRequest().on("TCP").sharing(4711)}) {
    const auto refused = world.lbs().create(request);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::NotFound);
    EXPECT_EQ(refused.error().message, "Invalid virtual IP provided");
  }
  EXPECT_EQ(world.device(first).generation, world.device(first).applied_generation) << "no trace is left";
}

TEST_P(LoadBalancersTest, SharingWaitsForEveryNeighbour) {
  createPair();
  ASSERT_TRUE(world.lbs().change("a", web.id, {}));
  EXPECT_EQ(said(world.lbs().create(aRequest().on("GALERA").sharing(web.virtual_ip->id))),
            "Existing Load Balancer on VIP in a non-ACTIVE state, current state: PENDING_UPDATE");
  world.settle();
  EXPECT_EQ(said(world.lbs().create(aRequest().on("GALERA").sharing(web.virtual_ip->id))),
            "Only one load balancer per protocol allowed per device");
}

TEST_P(LoadBalancersTest, AChangeIsAppliedAndKeepsWhatWasNotGiven) {
  const auto made = create(aRequest().withOptions(1000, 5));
  LoadBalancerChange change;
  change.name = "shop";
  change.algorithm = Algorithm::LeastConnections;
  change.options.retries = 0;
  ASSERT_TRUE(world.lbs().change("a", made.id, change));
  EXPECT_EQ(world.status(made.id), LbStatus::PendingUpdate);
  world.settle();
  EXPECT_EQ(world.status(made.id), LbStatus::Active);
  const auto state = world.runs("lb-1").load_balancers[0];
  EXPECT_EQ(state.name, "shop");
  EXPECT_EQ(state.algorithm, Algorithm::LeastConnections);
  EXPECT_EQ(state.options.client_timeout.count(), 1000);
  EXPECT_EQ(state.options.retries, 0);
  EXPECT_EQ(world.counter("api_loadbalancers_modify"), 1);
}

TEST_P(LoadBalancersTest, AChangeIsRefusedInTheSpecsOrder) {
  const auto made = create(aRequest());
  LoadBalancerChange bad;
  bad.name = std::string(129, 'x');
  bad.options = {-1, -1};
  EXPECT_EQ(said(world.lbs().change("b", made.id, bad)), "Load Balancer ID is not valid");
  EXPECT_EQ(said(world.lbs().change("a", made.id, bad)), "Length of Load Balancer name too long");
  bad.name.reset();
  EXPECT_EQ(said(world.lbs().change("a", made.id, bad)), "timeout must be between 0 and 1000000 ms");
  ASSERT_TRUE(world.lbs().change("a", made.id, {}));
  EXPECT_EQ(said(world.lbs().change("a", made.id, bad)),
            "Cannot modify a Load Balancer in a non-ACTIVE state, current state: PENDING_UPDATE");
}

TEST_P(LoadBalancersTest, TheLastOnesDeviceGivesTheVipBackAndIsRetired) {
  const auto made = create(aRequest());
  ASSERT_TRUE(world.lbs().remove("a", made.id));
  EXPECT_EQ(world.status(made.id), LbStatus::PendingDelete);
  EXPECT_EQ(said(world.lbs().remove("a", made.id)),
            "Cannot delete a Load Balancer in a non-ACTIVE state, current state: PENDING_DELETE");
  world.settle();
  EXPECT_EQ(world.status(made.id), LbStatus::Deleted);
  EXPECT_TRUE(world.runs("lb-1").virtual_ips.empty());
  EXPECT_TRUE(world.runs("lb-1").load_balancers.empty());
  EXPECT_EQ(world.device(first).status, DeviceStatus::Deleted);
  EXPECT_EQ(world.released, 1);
  EXPECT_EQ(reserved(), 0);

  const auto row = world.store.rows().vips.at(vip);
  EXPECT_EQ(row.device, 0);
  EXPECT_EQ(row.free_from, world.clock.now() + world.context().vip_quarantine);
  EXPECT_EQ(said(world.lbs().find("a", made.id)), "Load Balancer ID not found");
  EXPECT_EQ(world.lbs().list("a", true)->size(), 1u);
  EXPECT_TRUE(world.lbs().list("a", false)->empty());
  EXPECT_EQ(world.counter("loadbalancers_deleted"), 1);
}

TEST_P(LoadBalancersTest, OneOfTwoGoesAndTheOtherServesOn) {
  const auto tcp = createPair();
  ASSERT_TRUE(world.lbs().remove("a", tcp.id));
  world.settle();
  EXPECT_EQ(world.status(tcp.id), LbStatus::Deleted);
  EXPECT_EQ(world.status(web.id), LbStatus::Active);
  EXPECT_EQ(world.runs("lb-1").load_balancers.size(), 1u);
  EXPECT_EQ(world.runs("lb-1").virtual_ips.size(), 1u);
  EXPECT_EQ(world.device(first).status, DeviceStatus::Online);
  EXPECT_EQ(reserved(), 1);
}

TEST_P(LoadBalancersTest, WithoutADeviceItIsDeletedAtOnce) {
  const auto made = create(aRequest());
  world.store.edit([&](MemoryRows& rows) {
    rows.load_balancers.at(made.id).device = 0;
    rows.load_balancers.at(made.id).status = LbStatus::Error;
  });
  ASSERT_TRUE(world.lbs().remove("a", made.id));
  EXPECT_EQ(world.status(made.id), LbStatus::Deleted);
  EXPECT_EQ(reserved(), 0);
}

TEST_P(LoadBalancersTest, AnotherTenantSeesNothing) {
  const auto made = create(aRequest());
  EXPECT_EQ(said(world.lbs().find("b", made.id)), "Load Balancer ID not found");
  EXPECT_EQ(said(world.lbs().remove("b", made.id)), "Load Balancer ID is not valid");
  EXPECT_EQ(said(world.lbs().virtualIp("b", made.id)), "Load Balancer ID not valid");
  EXPECT_EQ(said(world.lbs().archiveLogs("b", made.id)), "Load Balancer not found");
  EXPECT_TRUE(world.lbs().list("b", false)->empty());
  EXPECT_EQ(world.lbs().virtualIp("a", made.id)->id, vip);
}

TEST_P(LoadBalancersTest, ALogArchiveEndsWithTheReasonItCannotBe) {
  const auto made = create(aRequest());
  ASSERT_TRUE(world.lbs().archiveLogs("a", made.id));
  EXPECT_EQ(world.status(made.id), LbStatus::Active);
  EXPECT_EQ(world.lb(made.id).status_description, "Log archive failed: No log storage configured");
  ASSERT_TRUE(world.lbs().change("a", made.id, {}));
  EXPECT_EQ(said(world.lbs().archiveLogs("a", made.id)),
            "Cannot get logs from a Load Balancer in a non-ACTIVE state, current state: PENDING_UPDATE");
}

TEST_P(LoadBalancersTest, LimitsAndProtocolsComeFromTheRows) {
  world.store.edit([](MemoryRows& rows) { rows.tenant_limit["a"] = 7; });
  EXPECT_EQ(world.lbs().limits("a")->max_load_balancers, 7);
  EXPECT_EQ(world.lbs().limits("b")->max_load_balancers, 20);
  EXPECT_EQ(world.lbs().protocols()->size(), 4u);
  EXPECT_EQ(world.counter("api_limits_get"), 2);
}

TEST_P(LoadBalancersTest, ManyCreatesAtOnceKeepWithinTheQuotaAndShareNoDevice) {
  world.store.edit([](MemoryRows& rows) { rows.tenant_limit["a"] = 5; });
  for (int i = 0; i < 8; ++i) world.addSpare("more-" + std::to_string(i));
  for (int i = 0; i < 8; ++i) world.addVip("10.77.9." + std::to_string(100 + i));
  auto quiet = world.context();
  quiet.wake = [](std::int64_t) {};
  quiet.begin = [](std::int64_t, const service::DeviceJob&) {};
  LoadBalancers service(quiet);
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) clients.emplace_back([&] { (void)service.create(aRequest()); });
  for (auto& client : clients) client.join();

  std::set<std::int64_t> devices;
  for (const auto& [id, lb] : world.store.rows().load_balancers) devices.insert(lb.device);
  EXPECT_EQ(world.store.rows().load_balancers.size(), 5u);
  EXPECT_EQ(devices.size(), 5u);
  EXPECT_EQ(reserved(), 5);
}

INSTANTIATE_TEST_SUITE_P(Bodies, LoadBalancersTest, ::testing::Values(false, true),
                         [](const auto& bodies) { return bodies.param ? "RunTwice" : "RunOnce"; });

}  // namespace
}  // namespace libra::service
