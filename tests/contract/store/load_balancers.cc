#include "tests/contract/store/rows.h"

namespace libra::test::rows {

TEST_P(StoreContract, FindsALoadBalancerAsItWasInserted) {
  auto lb = wanted("web");
  lb.protocol = Protocol::Tcp;
  lb.port = 443;
  lb.algorithm = Algorithm::LeastConnections;
  lb.options = {25'000, 2};
  lb.nodes[1].enabled = false;
  lb.nodes[1].weight = 256;
  lb.nodes[1].backup = true;
  lb.nodes[1].port = 65535;
  const auto on = addDevice("d");
  const auto inserted = in([&](Txn& txn) { return txn.loadBalancers().insert(lb, on, 1, kNow, kDeadline); });

  const auto found = loadBalancer(inserted.id);
  expectSame(inserted, found);
  EXPECT_EQ(found.id, inserted.id);
  EXPECT_EQ(found.tenant, "a");
  EXPECT_EQ(found.name, "web");
  EXPECT_EQ(found.protocol, Protocol::Tcp);
  EXPECT_EQ(found.port, 443);
  EXPECT_EQ(found.algorithm, Algorithm::LeastConnections);
  EXPECT_EQ(found.options.timeout, 25'000);
  EXPECT_EQ(found.options.retries, 2);
  EXPECT_EQ(found.status, LbStatus::Build);
  EXPECT_EQ(found.status_description, "");
  EXPECT_EQ(found.device, on);
  EXPECT_EQ(found.generation, 1u);
  EXPECT_EQ(found.created, kNow);
  EXPECT_EQ(found.updated, kNow);
  EXPECT_EQ(found.deadline, kDeadline);
  EXPECT_EQ(found.node_count, 2);
  EXPECT_FALSE(found.monitor);
  EXPECT_FALSE(found.virtual_ip);

  ASSERT_EQ(found.nodes.size(), 2u);
  EXPECT_LT(found.nodes[0].id, found.nodes[1].id);
  EXPECT_EQ(found.nodes[0].address, address("10.0.0.1"));
  EXPECT_EQ(found.nodes[0].status, NodeStatus::Online);
  EXPECT_EQ(found.nodes[1].address, address("10.0.0.2"));
  EXPECT_EQ(found.nodes[1].port, 65535);
  EXPECT_EQ(found.nodes[1].weight, 256);
  EXPECT_FALSE(found.nodes[1].enabled);
  EXPECT_TRUE(found.nodes[1].backup);
  EXPECT_EQ(found.nodes[1].status, NodeStatus::Offline);
}

TEST_P(StoreContract, OptionsNotGivenStayUnset) {
  const auto found = loadBalancer(addLoadBalancer());
  EXPECT_FALSE(found.options.timeout);
  EXPECT_FALSE(found.options.retries);
}

TEST_P(StoreContract, KeepsNamesOfAnyScriptAndSpaces) {
  const std::string names[] = {"загрузка ⚖ 🐙", "'; DROP TABLE nodes; --", " a ", "a\\b\"c%_", std::string(128, 'x')};
  const auto on = addDevice("d");
  for (const auto& name : names) EXPECT_EQ(loadBalancer(addLoadBalancer(wanted(name), on)).name, name);
  std::string longest;
  for (int i = 0; i < 128; ++i) longest += "🐙";
  EXPECT_EQ(loadBalancer(addLoadBalancer(wanted(longest), on)).name, longest);
}

TEST_P(StoreContract, KeepsIpv6Addresses) {
  auto lb = wanted("six");
  lb.nodes = {node("2001:db8::1"), node("::"), node("::ffff:10.0.0.1")};
  const auto on = addDevice("d");
  const auto vip = addVip("fd77::9:1", 64);
  run([&](Txn& txn) { EXPECT_EQ(txn.vips().claimFree(on, kNow)->id, vip); });
  const auto found = loadBalancer(addLoadBalancer(lb, on));
  ASSERT_EQ(found.nodes.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(found.nodes[i].address, lb.nodes[i].address);
  EXPECT_EQ(found.virtual_ip->address, address("fd77::9:1"));
  EXPECT_EQ(found.virtual_ip->prefix, 64);
}

TEST_P(StoreContract, ALoadBalancerIsItsTenantsOnly) {
  const auto id = addLoadBalancer();
  for (const char* other : {"b", "A", "a ", ""}) {
    run([&](Txn& txn) {
      EXPECT_FALSE(txn.loadBalancers().find(other, id)) << "'" << other << "'";
      EXPECT_THAT(txn.loadBalancers().list(other, false), IsEmpty()) << "'" << other << "'";
    });
  }
}

TEST_P(StoreContract, ListsInIdOrderWithNodeCounts) {
  const auto on = addDevice("d");
  auto second = wanted("second");
  second.nodes.push_back(node("10.0.0.3"));
  const auto one = addLoadBalancer(wanted("first"), on);
  addLoadBalancer(wanted("foreign", "b"), on);
  const auto two = addLoadBalancer(second, on);

  const auto listed = in([](Txn& txn) { return txn.loadBalancers().list("a", false); });
  EXPECT_THAT(idsOf(listed), ElementsAre(one, two));
  EXPECT_EQ(listed[0].node_count, 2);
  EXPECT_EQ(listed[1].node_count, 3);
  EXPECT_EQ(listed[1].name, "second");
  EXPECT_THAT(listed[1].nodes, IsEmpty());
}

TEST_P(StoreContract, OnDeviceGivesAllTenantsLoadBalancersWhole) {
  const auto on = addDevice("d");
  addVip("10.77.9.1");
  run([&](Txn& txn) { txn.vips().claimFree(on, kNow); });
  const auto one = addLoadBalancer(wanted("one"), on);
  const auto two = addLoadBalancer(wanted("two", "b"), on);
  auto bare = wanted("bare");
  bare.nodes.clear();
  const auto three = addLoadBalancer(bare, on);
  const auto gone = addLoadBalancer(wanted("gone"), on);
  addLoadBalancer(wanted("elsewhere"), addDevice("other"));
  run([&](Txn& txn) {
    txn.loadBalancers().putMonitor(two, {MonitorType::Http, 10, 5, 3, "/health"});
    txn.loadBalancers().markDeleted(gone, kNow);
  });

  const auto found = in([&](Txn& txn) { return txn.loadBalancers().onDevice(on); });
  ASSERT_THAT(idsOf(found), ElementsAre(one, two, three));
  for (const auto& lb : found) EXPECT_FALSE(lb.virtual_ip);
  EXPECT_EQ(found[0].nodes.size(), 2u);
  EXPECT_EQ(found[1].nodes.size(), 2u);
  EXPECT_EQ(found[1].monitor, (model::HealthMonitor{MonitorType::Http, 10, 5, 3, "/health"}));
  EXPECT_FALSE(found[0].monitor);
  EXPECT_THAT(found[2].nodes, IsEmpty());
}

TEST_P(StoreContract, ChangesOnlyWhatIsGiven) {
  const auto id = addLoadBalancer();
  run([&](Txn& txn) { txn.loadBalancers().change(id, "new", std::nullopt, {10'000, std::nullopt}); });
  auto found = loadBalancer(id);
  EXPECT_EQ(found.name, "new");
  EXPECT_EQ(found.algorithm, Algorithm::RoundRobin);
  EXPECT_EQ(found.options.timeout, 10'000);
  EXPECT_FALSE(found.options.retries);

  run([&](Txn& txn) { txn.loadBalancers().change(id, std::nullopt, Algorithm::LeastConnections, {std::nullopt, 5}); });
  found = loadBalancer(id);
  EXPECT_EQ(found.name, "new");
  EXPECT_EQ(found.algorithm, Algorithm::LeastConnections);
  EXPECT_EQ(found.options.timeout, 10'000);
  EXPECT_EQ(found.options.retries, 5);
}

TEST_P(StoreContract, SetStatusIsACompareAndSet) {
  const auto id = addLoadBalancer();
  run([&](Txn& txn) {
    auto& lbs = txn.loadBalancers();
    EXPECT_FALSE(lbs.setStatus(id, LbStatus::Active, LbStatus::PendingUpdate, "no"));
    EXPECT_EQ(lbs.find("a", id)->status_description, "");
    EXPECT_TRUE(lbs.setStatus(id, LbStatus::Build, LbStatus::Rebuilding, "moving"));
    EXPECT_TRUE(lbs.setStatus(id, LbStatus::Rebuilding, LbStatus::Rebuilding, "moving"))
        << "nothing changes, yet it holds";
    EXPECT_FALSE(lbs.setStatus(id + 1000, LbStatus::Build, LbStatus::Active, ""));
  });
  EXPECT_EQ(loadBalancer(id).status, LbStatus::Rebuilding);
  EXPECT_EQ(loadBalancer(id).status_description, "moving");
}

TEST_P(StoreContract, DescriptionsAreCutTo128BytesBetweenCharacters) {
  const auto id = addLoadBalancer();
  std::string text = "x";
  for (int i = 0; i < 64; ++i) text += "ä";
  run([&](Txn& txn) { txn.loadBalancers().setStatus(id, LbStatus::Build, LbStatus::Error, text); });
  EXPECT_EQ(loadBalancer(id).status_description, text.substr(0, 127));
}

TEST_P(StoreContract, SetPendingTellsWhichGenerationCarriesTheChange) {
  const auto id = addLoadBalancer();
  run([&](Txn& txn) { txn.loadBalancers().setPending(id, 7, kNow + 1s, kDeadline + 1s); });
  const auto found = loadBalancer(id);
  EXPECT_EQ(found.generation, 7u);
  EXPECT_EQ(found.created, kNow);
  EXPECT_EQ(found.updated, kNow + 1s);
  EXPECT_EQ(found.deadline, kDeadline + 1s);
}

TEST_P(StoreContract, ADeletedLoadBalancerIsOnlyListedAsDeleted) {
  const auto id = addLoadBalancer();
  const auto on = loadBalancer(id).device;
  run([&](Txn& txn) {
    txn.loadBalancers().putMonitor(id, {});
    txn.loadBalancers().markDeleted(id, kNow + 1s);
  });
  run([&](Txn& txn) {
    EXPECT_FALSE(txn.loadBalancers().find("a", id));
    EXPECT_THAT(txn.loadBalancers().list("a", false), IsEmpty());
    EXPECT_THAT(txn.loadBalancers().onDevice(on), IsEmpty());
    const auto deleted = txn.loadBalancers().list("a", true);
    ASSERT_THAT(idsOf(deleted), ElementsAre(id));
    EXPECT_EQ(deleted[0].status, LbStatus::Deleted);
    EXPECT_EQ(deleted[0].updated, kNow + 1s);
    EXPECT_EQ(deleted[0].device, 0);
    EXPECT_EQ(deleted[0].node_count, 0);
    txn.devices().remove(on);  // nothing refers to it any more
  });
}

TEST_P(StoreContract, OverdueAreThoseWhoseChangeShouldBeOver) {
  const auto on = addDevice("d");
  const std::pair<const char*, LbStatus> all[] = {
      {"build", LbStatus::Build},       {"update", LbStatus::PendingUpdate}, {"delete", LbStatus::PendingDelete},
      {"moving", LbStatus::Rebuilding}, {"active", LbStatus::Active},        {"error", LbStatus::Error}};
  std::vector<std::int64_t> ids;
  for (const auto& [name, status] : all) {
    ids.push_back(addLoadBalancer(wanted(name), on));
    run([&](Txn& txn) { txn.loadBalancers().setStatus(ids.back(), LbStatus::Build, status, ""); });
  }
  run([&](Txn& txn) {
    auto& lbs = txn.loadBalancers();
    lbs.setPending(ids[1], 2, kNow, kDeadline - 1s);
    EXPECT_THAT(lbs.overdue(kDeadline - 2s, 10), IsEmpty());
    EXPECT_THAT(lbs.overdue(kDeadline, 10),
                ElementsAre(Pair(ids[1], on), Pair(ids[0], on), Pair(ids[2], on), Pair(ids[3], on)));
    EXPECT_THAT(lbs.overdue(kDeadline, 2), ElementsAre(Pair(ids[1], on), Pair(ids[0], on)));
  });
}

}  // namespace libra::test::rows
