#include "tests/contract/store_contract.h"

#include <gmock/gmock.h>

#include <atomic>
#include <limits>
#include <set>
#include <thread>

namespace libra::test {

using namespace std::chrono_literals;
using model::DeviceStatus;
using model::LbStatus;
using model::NodeStatus;
using service::Txn;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

namespace {

const Time kNow = Time(std::chrono::seconds(1'800'000'000)) + 123456us;
const Time kDeadline = kNow + 2min;
constexpr auto kNoEnd = std::numeric_limits<std::int64_t>::max();

NetAddress address(const char* text) { return NetAddress::parse(text).value(); }

model::NewNode node(const char* at, std::uint16_t port = 80) {
  model::NewNode node;
  node.address = address(at);
  node.port = port;
  return node;
}

model::NewLoadBalancer wanted(const std::string& name, const std::string& tenant = "a") {
  model::NewLoadBalancer lb;
  lb.tenant = tenant;
  lb.name = name;
  lb.nodes = {node("10.0.0.1"), node("10.0.0.2")};
  return lb;
}

template <typename Things>
auto idsOf(const Things& things) {
  std::vector<std::int64_t> ids;
  for (const auto& thing : things) ids.push_back(thing.id);
  return ids;
}

// As far as a client is told.
void expectSame(const model::LoadBalancer& a, const model::LoadBalancer& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.status, b.status);
  EXPECT_EQ(a.device, b.device);
  EXPECT_EQ(a.generation, b.generation);
  EXPECT_EQ(std::tie(a.created, a.updated, a.deadline), std::tie(b.created, b.updated, b.deadline));
  EXPECT_EQ(a.node_count, b.node_count);
  ASSERT_EQ(a.nodes.size(), b.nodes.size());
  for (std::size_t i = 0; i < a.nodes.size(); ++i) {
    EXPECT_EQ(a.nodes[i].id, b.nodes[i].id);
    EXPECT_EQ(a.nodes[i].address, b.nodes[i].address);
    EXPECT_EQ(a.nodes[i].status, b.nodes[i].status);
  }
}

// Runs `work(i)` on n threads at once.
void inParallel(int n, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < n; ++i) threads.emplace_back([&work, i] { work(i); });
  for (auto& thread : threads) thread.join();
}

}  // namespace

std::int64_t StoreContract::addDevice(const std::string& name) {
  model::NewDevice wanted;
  wanted.name = name;
  wanted.address = "10.77.2.1";
  return in([&](Txn& txn) { return txn.devices().insert(wanted, kNow); });
}

std::int64_t StoreContract::addVip(const std::string& text, int prefix) {
  return in([&](Txn& txn) { return txn.vips().insert(address(text.c_str()), prefix); });
}

std::int64_t StoreContract::addLoadBalancer(const std::string& name) {
  return addLoadBalancer(wanted(name), addDevice("for-" + name));
}

std::int64_t StoreContract::addLoadBalancer(const model::NewLoadBalancer& lb, std::int64_t on) {
  return in([&](Txn& txn) { return txn.loadBalancers().insert(lb, on, 1, kNow, kDeadline).id; });
}

model::LoadBalancer StoreContract::loadBalancer(std::int64_t id, const std::string& tenant) {
  return in([&](Txn& txn) { return txn.loadBalancers().find(tenant, id); }).value();
}

model::Device StoreContract::device(std::int64_t id) {
  return in([&](Txn& txn) { return txn.devices().find(id); }).value();
}

// Transactions

TEST_P(StoreContract, AnErrorUndoesAllOfTheBody) {
  const auto failed = store->transact([&](Txn& txn) -> Result<int> {
    txn.vips().insert(address("10.77.9.1"), 24);
    txn.tenants().reserveLoadBalancer("a", 1);
    return Error{ErrorCode::OverLimit, "enough"};
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::OverLimit);
  EXPECT_EQ(failed.error().message, "enough");
  EXPECT_EQ(in([](Txn& txn) { return txn.vips().countFree(kNow); }), 0);
  EXPECT_TRUE(in([](Txn& txn) { return txn.tenants().reserveLoadBalancer("a", 1); }));
}

TEST_P(StoreContract, WhatNoCallerCanActOnIsAnInternalErrorAndUndoesAll) {
  addDevice("one");
  const auto failed = store->transact([&](Txn& txn) -> Result<int> {
    txn.vips().insert(address("10.77.9.1"), 24);
    model::NewDevice again;
    again.name = "one";
    txn.devices().insert(again, kNow);
    return 1;
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::Internal);
  EXPECT_EQ(failed.error().message, "Internal error");
  EXPECT_EQ(in([](Txn& txn) { return txn.vips().countFree(kNow); }), 0);
}

TEST_P(StoreContract, ATransactionSeesItsOwnWrites) {
  const auto on = addDevice("d");
  run([&](Txn& txn) {
    const auto id = txn.loadBalancers().insert(wanted("web"), on, 1, kNow, kDeadline).id;
    EXPECT_TRUE(txn.loadBalancers().find("a", id));
    txn.loadBalancers().setStatus(id, LbStatus::Build, LbStatus::Active, "");
    EXPECT_EQ(txn.loadBalancers().find("a", id)->status, LbStatus::Active);
  });
}

// Tenants and limits

TEST_P(StoreContract, ReservesNoMoreThanTheLimit) {
  run([](Txn& txn) {
    EXPECT_TRUE(txn.tenants().reserveLoadBalancer("a", 2));
    EXPECT_TRUE(txn.tenants().reserveLoadBalancer("a", 2));
    EXPECT_FALSE(txn.tenants().reserveLoadBalancer("a", 2));
    EXPECT_TRUE(txn.tenants().reserveLoadBalancer("b", 2)) << "another tenant has places of its own";
    EXPECT_FALSE(txn.tenants().reserveLoadBalancer("c", 0));
    EXPECT_EQ(txn.limits().limits("a").load_balancers, 2);
    EXPECT_EQ(txn.limits().limits("nobody").load_balancers, 0);
  });
}

TEST_P(StoreContract, AReleasedPlaceCanBeReservedAgain) {
  run([](Txn& txn) {
    txn.tenants().releaseLoadBalancer("a");  // never below nothing
    EXPECT_TRUE(txn.tenants().reserveLoadBalancer("a", 1));
    txn.tenants().releaseLoadBalancer("a");
    EXPECT_TRUE(txn.tenants().reserveLoadBalancer("a", 1));
    EXPECT_FALSE(txn.tenants().reserveLoadBalancer("a", 1));
  });
}

TEST_P(StoreContract, ManyAtOnceReserveExactlyTheLimit) {
  std::atomic<int> reserved = 0;
  inParallel(8, [&](int) {
    for (int i = 0; i < 5; ++i) reserved += in([](Txn& txn) { return txn.tenants().reserveLoadBalancer("a", 17); });
  });
  EXPECT_EQ(reserved, 17);
}

TEST_P(StoreContract, TheSeedsAreTheSpecs) {
  run([](Txn& txn) {
    const auto limits = txn.limits().limits("a");
    EXPECT_EQ(limits.max_name_length, 128);
    EXPECT_EQ(limits.max_vips_per_load_balancer, 1);
    EXPECT_EQ(limits.max_nodes_per_load_balancer, 50);
    EXPECT_EQ(limits.max_load_balancers, 20);

    std::vector<std::pair<Protocol, int>> ports;
    for (const auto& rule : txn.limits().ports()) ports.emplace_back(rule.protocol, rule.port);
    EXPECT_THAT(ports, ElementsAre(Pair(Protocol::Http, 80), Pair(Protocol::Tcp, 443), Pair(Protocol::Tcp, 3306),
                                   Pair(Protocol::Galera, 3306)));
  });
}

// Load balancers

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

TEST_P(StoreContract, AddedNodesComeBackInOrderWithTheirIds) {
  const auto id = addLoadBalancer();
  auto off = node("10.0.0.4", 8080);
  off.enabled = false;
  const auto added = in([&](Txn& txn) {
    return txn.loadBalancers().addNodes(id, {node("10.0.0.3"), off, node("10.0.0.5")});
  });
  ASSERT_EQ(added.size(), 3u);
  EXPECT_EQ(added[0].address, address("10.0.0.3"));
  EXPECT_EQ(added[1].port, 8080);
  EXPECT_EQ(added[1].status, NodeStatus::Offline);
  EXPECT_EQ(added[2].address, address("10.0.0.5"));

  const auto stored = loadBalancer(id).nodes;
  ASSERT_EQ(stored.size(), 5u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(stored[2 + i].id, added[i].id);
    EXPECT_EQ(stored[2 + i].address, added[i].address);
  }
  EXPECT_THAT(in([&](Txn& txn) { return txn.loadBalancers().addNodes(id, {}); }), IsEmpty());
}

TEST_P(StoreContract, FiftyNodesGoInAtOnce) {
  auto lb = wanted("big");
  lb.nodes.assign(50, node("10.0.0.1"));
  const auto id = addLoadBalancer(lb, addDevice("d"));
  EXPECT_EQ(loadBalancer(id).node_count, 50);
}

TEST_P(StoreContract, ChangesANodeAndItsStatus) {
  const auto id = addLoadBalancer();
  const auto other = addLoadBalancer("other");
  const auto n = loadBalancer(id).nodes[0].id;
  run([&](Txn& txn) {
    auto& lbs = txn.loadBalancers();
    EXPECT_FALSE(lbs.changeNode(other, n, false, std::nullopt)) << "the node of another load balancer";
    EXPECT_FALSE(lbs.changeNode(id, n + 1000, false, std::nullopt));
    EXPECT_TRUE(lbs.changeNode(id, n, false, 7));
    EXPECT_TRUE(lbs.changeNode(id, n, false, 7)) << "the same again";
  });
  EXPECT_EQ(loadBalancer(id).nodes[0].status, NodeStatus::Offline);
  EXPECT_FALSE(loadBalancer(id).nodes[0].enabled);
  EXPECT_EQ(loadBalancer(id).nodes[0].weight, 7);

  run([&](Txn& txn) { EXPECT_TRUE(txn.loadBalancers().changeNode(id, n, true, std::nullopt)); });
  EXPECT_EQ(loadBalancer(id).nodes[0].status, NodeStatus::Online);
  EXPECT_EQ(loadBalancer(id).nodes[0].weight, 7);
}

TEST_P(StoreContract, RemovesANodeOfTheLoadBalancerOnly) {
  const auto id = addLoadBalancer();
  const auto other = addLoadBalancer("other");
  const auto n = loadBalancer(id).nodes[0].id;
  run([&](Txn& txn) {
    EXPECT_FALSE(txn.loadBalancers().removeNode(other, n));
    EXPECT_TRUE(txn.loadBalancers().removeNode(id, n));
    EXPECT_FALSE(txn.loadBalancers().removeNode(id, n));
  });
  EXPECT_EQ(loadBalancer(id).node_count, 1);
}

TEST_P(StoreContract, ReportsMoveNodesBetweenOnlineAndErrorOnly) {
  auto lb = wanted("web");
  lb.nodes[1].enabled = false;
  const auto id = addLoadBalancer(lb, addDevice("d"));
  const auto nodes = loadBalancer(id).nodes;
  run([&](Txn& txn) {
    auto& lbs = txn.loadBalancers();
    EXPECT_FALSE(lbs.reportNode(nodes[0].id, true)) << "it is up already";
    EXPECT_TRUE(lbs.reportNode(nodes[0].id, false));
    EXPECT_FALSE(lbs.reportNode(nodes[0].id, false));
    EXPECT_FALSE(lbs.reportNode(nodes[1].id, false)) << "OFFLINE stays";
    EXPECT_FALSE(lbs.reportNode(nodes[1].id, true));
    EXPECT_FALSE(lbs.reportNode(nodes[1].id + 1000, true));
  });
  EXPECT_EQ(loadBalancer(id).nodes[0].status, NodeStatus::Error);
  EXPECT_EQ(loadBalancer(id).nodes[1].status, NodeStatus::Offline);
  run([&](Txn& txn) { EXPECT_TRUE(txn.loadBalancers().reportNode(nodes[0].id, true)); });
  EXPECT_EQ(loadBalancer(id).nodes[0].status, NodeStatus::Online);
}

TEST_P(StoreContract, AMonitorIsPutOverTheFormerOne) {
  const auto id = addLoadBalancer();
  const std::string path = "/" + std::string(1999, 'p');
  run([&](Txn& txn) {
    txn.loadBalancers().putMonitor(id, {MonitorType::Connect, 30, 30, 2, ""});
    txn.loadBalancers().putMonitor(id, {MonitorType::Http, 20, 10, 5, path});
  });
  EXPECT_EQ(loadBalancer(id).monitor, (model::HealthMonitor{MonitorType::Http, 20, 10, 5, path}));
  run([&](Txn& txn) {
    txn.loadBalancers().removeMonitor(id);
    txn.loadBalancers().removeMonitor(id);
  });
  EXPECT_FALSE(loadBalancer(id).monitor);
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

// Devices

TEST_P(StoreContract, ADeviceIsFoundAsItWasInserted) {
  model::NewDevice fresh;
  fresh.name = "lb-1";
  fresh.address = "fd77::2:1";
  fresh.zone = "north";
  fresh.host_group = "rack 4";
  fresh.driver = "haproxy";
  fresh.capabilities = {"http", "tcp"};
  fresh.provider_id = "i-1";
  const auto id = in([&](Txn& txn) { return txn.devices().insert(fresh, kNow); });
  const auto found = device(id);
  EXPECT_EQ(found.id, id);
  EXPECT_EQ(found.name, "lb-1");
  EXPECT_EQ(found.address, "fd77::2:1");
  EXPECT_EQ(found.zone, "north");
  EXPECT_EQ(found.host_group, "rack 4");
  EXPECT_EQ(found.driver, "haproxy");
  EXPECT_THAT(found.capabilities, ElementsAre("http", "tcp"));
  EXPECT_EQ(found.provider_id, "i-1");
  EXPECT_EQ(found.status, DeviceStatus::Offline);
  EXPECT_EQ(found.generation, 0u);
  EXPECT_EQ(found.applied_generation, 0u);
  EXPECT_EQ(found.attempts, 0);
  EXPECT_EQ(found.next_due, Time{});
  EXPECT_EQ(found.last_error, "");
  EXPECT_EQ(found.created, kNow);
  run([&](Txn& txn) {
    EXPECT_EQ(txn.devices().findByName("lb-1")->id, id);
    EXPECT_FALSE(txn.devices().findByName("LB-1"));
    EXPECT_FALSE(txn.devices().find(id + 1));
  });
}

TEST_P(StoreContract, ADeviceWithoutCapabilitiesHasNone) {
  EXPECT_THAT(device(addDevice("d")).capabilities, IsEmpty());
}

TEST_P(StoreContract, DevicesAreListedAndCountedByStatus) {
  const auto one = addDevice("one"), two = addDevice("two"), three = addDevice("three");
  run([&](Txn& txn) {
    auto& devices = txn.devices();
    EXPECT_TRUE(devices.setStatus(two, DeviceStatus::Offline, DeviceStatus::Online));
    EXPECT_THAT(idsOf(devices.list()), ElementsAre(one, two, three));
    EXPECT_THAT(idsOf(devices.withStatus(DeviceStatus::Offline, 10)), ElementsAre(one, three));
    EXPECT_THAT(idsOf(devices.withStatus(DeviceStatus::Offline, 1)), ElementsAre(one));
    EXPECT_THAT(devices.counts(), UnorderedElementsAre(Pair(DeviceStatus::Offline, 2), Pair(DeviceStatus::Online, 1)));
  });
}

TEST_P(StoreContract, ADevicesStatusIsACompareAndSet) {
  const auto id = addDevice("d");
  run([&](Txn& txn) {
    EXPECT_FALSE(txn.devices().setStatus(id, DeviceStatus::Online, DeviceStatus::Error));
    EXPECT_TRUE(txn.devices().setStatus(id, DeviceStatus::Offline, DeviceStatus::Deleted));
    EXPECT_FALSE(txn.devices().setStatus(id, DeviceStatus::Offline, DeviceStatus::Deleted));
  });
  EXPECT_EQ(device(id).status, DeviceStatus::Deleted);
}

TEST_P(StoreContract, AClaimedSpareIsInBuildWithWorkToDo) {
  const auto id = addDevice("d");
  const auto claimed = in([](Txn& txn) { return txn.devices().claimSpare({}); });
  ASSERT_TRUE(claimed);
  EXPECT_EQ(claimed->id, id);
  EXPECT_EQ(claimed->status, DeviceStatus::Build);
  EXPECT_EQ(claimed->generation, 1u);
  EXPECT_EQ(device(id).status, DeviceStatus::Build);
  EXPECT_EQ(device(id).generation, 1u);
  EXPECT_FALSE(in([](Txn& txn) { return txn.devices().claimSpare({}); }));
}

TEST_P(StoreContract, ManyAtOnceClaimEachSpareOnce) {
  constexpr int kSpares = 30;
  for (int i = 0; i < kSpares; ++i) addDevice("d" + std::to_string(i));
  std::mutex mutex;
  std::vector<std::int64_t> claimed;
  inParallel(8, [&](int) {
    while (const auto spare = in([](Txn& txn) { return txn.devices().claimSpare({}); })) {
      std::lock_guard lock(mutex);
      claimed.push_back(spare->id);
    }
  });
  EXPECT_EQ(claimed.size(), kSpares);
  EXPECT_EQ(std::set(claimed.begin(), claimed.end()).size(), kSpares);
}

TEST_P(StoreContract, AClaimOfATransactionThatFailsIsFreeAgain) {
  addDevice("d");
  const auto failed = store->transact([](Txn& txn) -> Result<int> {
    EXPECT_TRUE(txn.devices().claimSpare({}));
    return Error{ErrorCode::Unavailable, "no"};
  });
  EXPECT_FALSE(failed);
  EXPECT_TRUE(in([](Txn& txn) { return txn.devices().claimSpare({}); }));
}

TEST_P(StoreContract, OnlyASpareThatCanDoAllThatIsNeededIsClaimed) {
  const auto able = [&](const char* name, std::vector<std::string> words) {
    model::NewDevice spare;
    spare.name = name;
    spare.capabilities = std::move(words);
    return in([&](Txn& txn) { return txn.devices().insert(spare, kNow); });
  };
  const auto claim = [&](std::vector<std::string> needs) {
    const auto spare = in([&](Txn& txn) { return txn.devices().claimSpare({needs}); });
    return spare ? spare->id : 0;
  };
  const auto plain = able("plain", {"http", "monitor-http", "tls-sni"});
  const auto all = able("all", {"any-port", "tls", "http", "tls-sni"});
  EXPECT_EQ(claim({"tls", "tls-sni", "tcp"}), 0);
  EXPECT_EQ(claim({"tl"}), 0);
  EXPECT_EQ(claim({"t.s"}), 0);
  EXPECT_EQ(claim({"http", "tls"}), all) << "the first one has only words that contain it";
  EXPECT_EQ(claim({"http", "tls"}), 0);
  EXPECT_EQ(claim({"tls-sni", "http"}), plain) << "in any order";
  const auto ancestors = addDevice("ancestors");
  EXPECT_EQ(claim({"http", "tls"}), ancestors) << "it did not tell what it cannot";
}

TEST_P(StoreContract, ASpareIsTakenFromTheFirstPlaceThatHasOne) {
  const auto placed = [&](const char* name, const char* zone, const char* group) {
    model::NewDevice spare;
    spare.name = name, spare.zone = zone, spare.host_group = group;
    return in([&](Txn& txn) { return txn.devices().insert(spare, kNow); });
  };
  const auto claim = [&](const service::SpareWish& wish) {
    const auto spare = in([&](Txn& txn) { return txn.devices().claimSpare(wish); });
    return spare ? spare->id : 0;
  };
  const auto far = placed("far", "b", "rack 9"), beside = placed("beside", "a", "rack 1");
  const auto apart = placed("apart", "a", "rack 2"), other = placed("other", "b", "rack 1");
  const service::SpareWish wish{{}, {{"a", "rack 1"}, {"a", ""}, {"", "rack 1"}, {}}, 0};
  EXPECT_EQ(claim({{}, wish.places, other}), other) << "the one that is named";
  EXPECT_EQ(claim({{}, wish.places, other}), 0);
  EXPECT_EQ(claim({{}, {{"c", ""}}, 0}), 0);
  EXPECT_EQ(claim(wish), apart);
  EXPECT_EQ(claim(wish), beside);
  EXPECT_EQ(claim(wish), far);
  EXPECT_EQ(claim(wish), 0);
}

TEST_P(StoreContract, WhatIsPostponedIsDueWhenTheOtherIsReadyOrItsTimeIsUp) {
  const auto old = addDevice("old"), target = addDevice("target"), bystander = addDevice("bystander");
  const auto due = [&](Time now) { return in([&](Txn& txn) { return txn.devices().due(now, 9, model::kAllShards); }); };
  run([&](Txn& txn) {
    txn.devices().raiseGeneration(old);
    txn.devices().postpone(old, target, kNow + std::chrono::seconds(30));
  });
  EXPECT_TRUE(due(kNow).empty());
  EXPECT_EQ(due(kNow + std::chrono::seconds(30)), std::vector{old});
  EXPECT_EQ(in([&](Txn& txn) { return txn.devices().find(old); })->waits_for, target);
  EXPECT_TRUE(in([&](Txn& txn) { return txn.devices().endPostponed(bystander); }).empty());
  EXPECT_EQ(in([&](Txn& txn) { return txn.devices().endPostponed(target); }), std::vector{old});
  EXPECT_EQ(due(kNow), std::vector{old});
  EXPECT_TRUE(in([&](Txn& txn) { return txn.devices().endPostponed(target); }).empty());
}

TEST_P(StoreContract, EventsAreReadInOrderFromWhereAReaderStopped) {
  const auto later = kNow + std::chrono::seconds(5);
  run([&](Txn& txn) {
    txn.journal().append({{"device.lost", "device/1", "one"}, {"device.lost", "device/2", "two"}}, kNow);
    txn.journal().append({{"device.lost", "device/3", "three"}}, later);
  });
  const auto after = [&](std::int64_t id, Time before, int most = 9) {
    return in([&](Txn& txn) { return txn.journal().eventsAfter(id, before, most); });
  };
  const auto all = after(0, later + std::chrono::seconds(1));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].object, "device/1");
  EXPECT_EQ(after(0, later).size(), 2u);
  EXPECT_EQ(after(0, later, 1).size(), 1u);
  ASSERT_EQ(after(all[1].id, later + std::chrono::seconds(1)).size(), 1u);
  EXPECT_FALSE(in([&](Txn& txn) { return txn.journal().position("alerts"); }));
  for (const auto id : {all[0].id, all[1].id}) run([&](Txn& txn) { txn.journal().setPosition("alerts", id, kNow); });
  EXPECT_EQ(in([&](Txn& txn) { return txn.journal().position("alerts"); }), all[1].id);
}

TEST_P(StoreContract, OldRowsOfTheJournalAreForgotten) {
  const auto later = kNow + std::chrono::hours(24);
  run([&](Txn& txn) {
    txn.journal().event({"device.lost", "device/1", "old"}, kNow);
    txn.journal().event({"device.lost", "device/2", "new"}, later);
    txn.journal().beginAudit({"a", "ADMIN", "r", "PUT", "/", ""}, kNow);
  });
  EXPECT_EQ(in([&](Txn& txn) { return txn.journal().forget(later, 9); }), 2);
  const auto left = in([&](Txn& txn) { return txn.journal().eventsAfter(0, later + std::chrono::hours(1), 9); });
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].object, "device/2");
  EXPECT_TRUE(in([&](Txn& txn) { return txn.journal().audits(1'000'000, 9); }).empty());
}

TEST_P(StoreContract, GenerationsRiseAndLeap) {
  const auto id = addDevice("d");
  run([&](Txn& txn) {
    EXPECT_EQ(txn.devices().raiseGeneration(id), 1u);
    EXPECT_EQ(txn.devices().raiseGeneration(id), 2u);
    EXPECT_EQ(txn.devices().raiseGeneration(id, 40), 41u);
    EXPECT_EQ(txn.devices().raiseGeneration(id, 7), 42u);
  });
  EXPECT_EQ(device(id).generation, 42u);
}

TEST_P(StoreContract, AppliedGenerationsOnlyStepForward) {
  const auto id = addDevice("d");
  run([&](Txn& txn) {
    auto& devices = txn.devices();
    for (int i = 0; i < 3; ++i) devices.raiseGeneration(id);
    devices.recordFailure(id, 3, "no answer", kNow);
    EXPECT_TRUE(devices.markApplied(id, 2, DeviceStatus::Build));
    EXPECT_EQ(devices.find(id)->attempts, 1) << "the newest is still failing";
    EXPECT_FALSE(devices.markApplied(id, 2, DeviceStatus::Build));
    EXPECT_FALSE(devices.markApplied(id, 1, DeviceStatus::Error));
    EXPECT_TRUE(devices.markApplied(id, 3, DeviceStatus::Online));
  });
  EXPECT_EQ(device(id).applied_generation, 3u);
  EXPECT_EQ(device(id).status, DeviceStatus::Online) << "moved along with it";
  EXPECT_EQ(device(id).attempts, 0);
  EXPECT_EQ(device(id).last_error, "");
}

TEST_P(StoreContract, WhoLocksADeviceReadsWhatTheLastOneWrote) {
  constexpr int kThreads = 4, kSteps = 10;
  const auto id = addDevice("d");
  inParallel(kThreads, [&](int) {
    for (int i = 0; i < kSteps; ++i)
      run([&](Txn& txn) {
        const auto last = txn.devices().lock(id)->applied_generation;
        EXPECT_TRUE(txn.devices().markApplied(id, last + 1, DeviceStatus::Offline));
      });
  });
  EXPECT_EQ(device(id).applied_generation, std::uint64_t{kThreads * kSteps});
  EXPECT_FALSE(in([&](Txn& txn) { return txn.devices().lock(id + 1); }));
}

TEST_P(StoreContract, FailuresCountForThePresentGenerationOnly) {
  const auto id = addDevice("d");
  run([&](Txn& txn) {
    auto& devices = txn.devices();
    devices.raiseGeneration(id);
    devices.recordFailure(id, 0, "late news", kNow + 1h);
    EXPECT_EQ(devices.find(id)->attempts, 0);
    devices.recordFailure(id, 1, "no answer", kNow + 1s);
    devices.recordFailure(id, 1, "refused", kNow + 2s);
  });
  auto found = device(id);
  EXPECT_EQ(found.attempts, 2);
  EXPECT_EQ(found.last_error, "refused");
  EXPECT_EQ(found.next_due, kNow + 2s);
  run([&](Txn& txn) { txn.devices().raiseGeneration(id); });
  found = device(id);
  EXPECT_EQ(found.attempts, 0);
  EXPECT_EQ(found.next_due, Time{});
}

TEST_P(StoreContract, LongErrorsAreCut) {
  const auto id = addDevice("d");
  run([&](Txn& txn) { txn.devices().recordFailure(id, 0, std::string(5000, 'e'), kNow); });
  EXPECT_EQ(device(id).last_error, std::string(1024, 'e'));
}

TEST_P(StoreContract, DueAreDevicesThatAreBehindInTheOrderOfTheirTime) {
  const auto calm = addDevice("calm"), late = addDevice("late"), fresh = addDevice("fresh");
  run([&](Txn& txn) {
    auto& devices = txn.devices();
    for (const auto id : {calm, late, fresh}) devices.raiseGeneration(id);
    devices.markApplied(calm, 1, DeviceStatus::Online);
    devices.recordFailure(late, 1, "no answer", kNow);
    EXPECT_THAT(devices.due(kNow - 1s, 10, model::kAllShards), ElementsAre(fresh));
    EXPECT_THAT(devices.due(kNow, 10, model::kAllShards), ElementsAre(fresh, late));
    EXPECT_THAT(devices.due(kNow, 1, model::kAllShards), ElementsAre(fresh));
    EXPECT_THAT(devices.due(kNow, 10, model::Shards{1} << model::shardOf(late)), ElementsAre(late));
    EXPECT_THAT(devices.due(kNow, 10, 0), IsEmpty());
  });
}

TEST_P(StoreContract, ADeviceInUseIsNotRemoved) {
  const auto used = addDevice("used"), holder = addDevice("holder"), unused = addDevice("unused");
  addLoadBalancer(wanted("web"), used);
  addVip("10.77.9.1");
  run([&](Txn& txn) { txn.vips().claimFree(holder, kNow); });
  const auto remove = [&](std::int64_t id) {
    return bool(store->transact([&](Txn& txn) -> Result<int> {
      txn.devices().remove(id);
      return 1;
    }));
  };
  EXPECT_FALSE(remove(used));
  EXPECT_FALSE(remove(holder));
  EXPECT_TRUE(remove(unused));
  EXPECT_TRUE(remove(unused)) << "nothing left to do";
  EXPECT_EQ(in([](Txn& txn) { return txn.devices().list(); }).size(), 2u);
}

// VIPs

TEST_P(StoreContract, AVipIsInsertedOnce) {
  const auto id = addVip("10.77.9.1", 24);
  EXPECT_EQ(addVip("10.77.9.1", 32), id);
  const auto found = in([&](Txn& txn) { return txn.vips().find(id); });
  EXPECT_EQ(found->address, address("10.77.9.1"));
  EXPECT_EQ(found->prefix, 24);
  EXPECT_EQ(found->device, 0);
  EXPECT_EQ(found->epoch, 0u);
  EXPECT_FALSE(in([&](Txn& txn) { return txn.vips().find(id + 1000); }));
}

TEST_P(StoreContract, EachNewHolderRaisesAVipsEpoch) {
  const auto on = addDevice("d"), next = addDevice("e");
  const auto id = addVip("200.77.9.1");
  run([&](Txn& txn) {
    auto& vips = txn.vips();
    EXPECT_EQ(vips.countFree(kNow), 1);
    const auto claimed = vips.claimFree(on, kNow);
    ASSERT_TRUE(claimed);
    EXPECT_EQ(claimed->id, id);
    EXPECT_EQ(claimed->device, on);
    EXPECT_EQ(claimed->epoch, 1u);
    EXPECT_EQ(vips.countFree(kNow), 0);
    EXPECT_FALSE(vips.claimFree(next, kNow));
    EXPECT_THAT(idsOf(vips.ofDevice(on)), ElementsAre(id));
    EXPECT_THAT(vips.ofDevice(next), IsEmpty());
    EXPECT_THAT(vips.ofDevice(0), IsEmpty());

    vips.release(id, kNow);
    EXPECT_EQ(vips.claimFree(next, kNow)->epoch, 2u);
  });
}

TEST_P(StoreContract, AReleasedVipIsQuarantined) {
  const auto on = addDevice("d");
  const auto one = addVip("10.77.9.1"), two = addVip("10.77.9.2");
  run([&](Txn& txn) {
    auto& vips = txn.vips();
    vips.claimFree(on, kNow);
    vips.claimFree(on, kNow);
    vips.release(one, kNow + 2s);
    vips.release(two, kNow + 1s);
    EXPECT_EQ(vips.countFree(kNow), 0);
    EXPECT_FALSE(vips.claimFree(on, kNow));
    EXPECT_EQ(vips.countFree(kNow + 2s), 2);
    EXPECT_EQ(vips.claimFree(on, kNow + 2s)->id, two) << "the one longest free";
  });
}

TEST_P(StoreContract, AFreeVipIsSeenWithoutBeingClaimed) {
  EXPECT_FALSE(in([](Txn& txn) { return txn.vips().findFree(kNow); }));
  const auto one = addVip("10.77.9.1");
  const auto on = addDevice("d");
  run([&](Txn& txn) {
    EXPECT_EQ(txn.vips().findFree(kNow)->id, one);
    EXPECT_EQ(txn.vips().claimFree(on, kNow)->id, one);
    txn.vips().release(one, kNow + 1s);
    EXPECT_FALSE(txn.vips().findFree(kNow));
    EXPECT_EQ(txn.vips().findFree(kNow + 1s)->device, 0);
  });
}

TEST_P(StoreContract, ManyAtOnceClaimEachVipOnce) {
  constexpr int kVips = 30;
  const auto on = addDevice("d");
  run([&](Txn& txn) {
    for (int i = 0; i < kVips; ++i) txn.vips().insert(NetAddress::fromV4(0x0A4D0901u + static_cast<unsigned>(i)), 24);
  });
  std::mutex mutex;
  std::vector<std::int64_t> claimed;
  inParallel(8, [&](int) {
    while (const auto vip = in([&](Txn& txn) { return txn.vips().claimFree(on, kNow); })) {
      std::lock_guard lock(mutex);
      claimed.push_back(vip->id);
    }
  });
  EXPECT_EQ(claimed.size(), kVips);
  EXPECT_EQ(std::set(claimed.begin(), claimed.end()).size(), kVips);
}

// Journal

TEST_P(StoreContract, CountersAddUp) {
  run([](Txn& txn) { txn.journal().addCounters({{"api_node_get", 2}, {"vips_built", 1}}); });
  run([](Txn& txn) { txn.journal().addCounters({{"api_node_get", 40}}); });
  EXPECT_THAT(in([](Txn& txn) { return txn.journal().counters(); }),
              UnorderedElementsAre(Pair("api_node_get", 42), Pair("vips_built", 1)));
}

TEST_P(StoreContract, ManyAtOnceCountExactly) {
  inParallel(8, [&](int) {
    for (int i = 0; i < 10; ++i) run([](Txn& txn) { txn.journal().addCounters({{"a", 1}, {"b", 2}}); });
  });
  EXPECT_THAT(in([](Txn& txn) { return txn.journal().counters(); }),
              UnorderedElementsAre(Pair("a", 80), Pair("b", 160)));
}

TEST_P(StoreContract, EventsOfAnyLengthAreTaken) {
  run([](Txn& txn) { txn.journal().event({"device.built", "device/7", std::string(5000, 'x')}, kNow); });
}

TEST_P(StoreContract, EventsAreReadBackTheNewestFirstInPages) {
  run([](Txn& txn) {
    for (const char* object : {"device/7", "device/8", "device/7"})
      txn.journal().event({"device.error", object, "lost"}, kNow);
  });
  const auto of = [&](const char* object, std::int64_t before, int most) {
    return in([&](Txn& txn) { return txn.journal().events(object, before, most); });
  };
  const auto all = of("", kNoEnd, 10);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].kind + all[0].object + all[0].text, "device.errordevice/7lost");
  EXPECT_EQ(all[0].at, kNow);
  EXPECT_GT(all[0].id, all[1].id);
  EXPECT_THAT(idsOf(of("", all[0].id, 1)), ElementsAre(all[1].id));
  EXPECT_THAT(idsOf(of("device/7", kNoEnd, 10)), ElementsAre(all[0].id, all[2].id));
  EXPECT_THAT(of("device/", kNoEnd, 10), IsEmpty());
}

TEST_P(StoreContract, AnAuditRowIsThereBeforeItIsAnswered) {
  const model::NewAudit row{"operator", "ADMIN", "req-1", "PUT", "/v2.0/status/limits", R"({"maxLoadBalancers": 5})"};
  const auto id = in([&](Txn& txn) { return txn.journal().beginAudit(row, kNow); });
  const auto audits = [&] { return in([](Txn& txn) { return txn.journal().audits(kNoEnd, 10); }); };
  ASSERT_EQ(audits().size(), 1u);
  EXPECT_EQ(audits()[0].status, 0);
  run([&](Txn& txn) { txn.journal().endAudit(id, 204); });
  const auto audit = audits()[0];
  EXPECT_EQ(audit.id, id);
  EXPECT_EQ(audit.status, 204);
  EXPECT_EQ(audit.at, kNow);
  EXPECT_EQ(audit.tenant + audit.role + audit.request + audit.method + audit.path + audit.detail,
            "operatorADMINreq-1PUT/v2.0/status/limits{\"maxLoadBalancers\": 5}");
  EXPECT_THAT(in([&](Txn& txn) { return txn.journal().audits(id, 10); }), IsEmpty());
}

TEST_P(StoreContract, AuditRowsTakeWhateverWasSent) {
  const std::string long_text(5000, 'x');
  run([&](Txn& txn) { txn.journal().beginAudit({"a", "ADMIN", long_text, long_text, long_text, long_text}, kNow); });
}

// The operator

TEST_P(StoreContract, GlobalLimitsAreNamedAndChangedByName) {
  run([](Txn& txn) {
    EXPECT_TRUE(txn.limits().setGlobal("maxLoadBalancers", 7));
    EXPECT_TRUE(txn.limits().setGlobal("maxLoadBalancers", 7)) << "the same again is no failure";
    EXPECT_FALSE(txn.limits().setGlobal("maxload", 7));
  });
  EXPECT_THAT(in([](Txn& txn) { return txn.limits().global(); }),
              UnorderedElementsAre(Pair("maxLoadBalancerNameLength", 128), Pair("maxVIPsPerLoadBalancer", 1),
                                   Pair("maxNodesPerLoadBalancer", 50), Pair("maxLoadBalancers", 7)));
  EXPECT_EQ(in([](Txn& txn) { return txn.limits().limits("a"); }).max_load_balancers, 7);
}

TEST_P(StoreContract, ATenantsOverrideIsSetAndTakenBack) {
  run([](Txn& txn) { txn.tenants().reserveLoadBalancer("b", 5); });
  run([](Txn& txn) {
    for (const char* tenant : {"a", "b"}) {  // without a row yet, and with one
      EXPECT_EQ(txn.limits().maxLoadBalancers(tenant), std::nullopt);
      txn.limits().setMaxLoadBalancers(tenant, 3);
      EXPECT_EQ(txn.limits().maxLoadBalancers(tenant), 3);
      EXPECT_EQ(txn.limits().limits(tenant).max_load_balancers, 3);
    }
    txn.limits().setMaxLoadBalancers("a", std::nullopt);
    EXPECT_EQ(txn.limits().maxLoadBalancers("a"), std::nullopt);
    EXPECT_EQ(txn.limits().limits("a").max_load_balancers, 20);
  });
  EXPECT_FALSE(in([](Txn& txn) { return txn.tenants().reserveLoadBalancer("b", 1); })) << "its places are kept";
}

TEST_P(StoreContract, AdminUsersHaveOneLevelEach) {
  using model::AdminLevel;
  run([](Txn& txn) {
    auto& users = txn.adminUsers();
    EXPECT_TRUE(users.insert({"a", AdminLevel::User}));
    EXPECT_FALSE(users.insert({"a", AdminLevel::Admin}));
    EXPECT_TRUE(users.insert({"A", AdminLevel::Admin})) << "names differ by case";
    EXPECT_EQ(users.find("a")->level, AdminLevel::User);
    EXPECT_TRUE(users.setLevel("a", AdminLevel::Admin));
    EXPECT_TRUE(users.setLevel("a", AdminLevel::Admin));
    EXPECT_FALSE(users.setLevel("b", AdminLevel::Admin));
    EXPECT_EQ(users.find("a")->level, AdminLevel::Admin);
    EXPECT_EQ(users.list().size(), 2u);
    EXPECT_EQ(users.list()[0].tenant, "a");
    EXPECT_TRUE(users.remove("a"));
    EXPECT_FALSE(users.remove("a"));
    EXPECT_FALSE(users.find("a"));
  });
}

TEST_P(StoreContract, TheOperatorSeesEveryTenantsLoadBalancers) {
  const auto on = addDevice("d");
  const auto a = addLoadBalancer(wanted("web", "a"), on), b = addLoadBalancer(wanted("web", "b"), on);
  const auto gone = addLoadBalancer(wanted("old", "b"), on);
  run([&](Txn& txn) { txn.loadBalancers().markDeleted(gone, kNow); });
  run([&](Txn& txn) {
    const auto all = txn.loadBalancers().listAll();
    EXPECT_THAT(idsOf(all), ElementsAre(a, b));
    EXPECT_EQ(all[1].tenant, "b");
    EXPECT_EQ(all[1].node_count, 2);
    EXPECT_EQ(txn.loadBalancers().findAny(b)->nodes.size(), 2u);
    EXPECT_FALSE(txn.loadBalancers().findAny(gone));
    EXPECT_FALSE(txn.loadBalancers().findAny(9999));
    EXPECT_EQ(txn.loadBalancers().counts(), (std::map<LbStatus, int>{{LbStatus::Build, 2}, {LbStatus::Deleted, 1}}));
  });
}

TEST_P(StoreContract, ALoadBalancerMovesToAnotherDevice) {
  const auto from = addDevice("d1"), to = addDevice("d2");
  const auto id = addLoadBalancer(wanted("web"), from);
  run([&](Txn& txn) { txn.loadBalancers().moveTo(id, to); });
  run([&](Txn& txn) {
    EXPECT_THAT(txn.loadBalancers().onDevice(from), IsEmpty());
    EXPECT_THAT(idsOf(txn.loadBalancers().onDevice(to)), ElementsAre(id));
  });
}

TEST_P(StoreContract, AVipMovesToAnotherDeviceWithAHigherEpoch) {
  const auto from = addDevice("d1"), to = addDevice("d2");
  addVip("10.77.9.1");
  const auto vip = *in([&](Txn& txn) { return txn.vips().claimFree(from, kNow); });
  run([&](Txn& txn) { txn.vips().moveTo(vip.id, to); });
  run([&](Txn& txn) {
    EXPECT_THAT(txn.vips().ofDevice(from), IsEmpty());
    EXPECT_THAT(idsOf(txn.vips().held()), ElementsAre(vip.id));
    const auto moved = txn.vips().findByAddress(address("10.77.9.1"));
    EXPECT_EQ(moved->device, to);
    EXPECT_EQ(moved->epoch, vip.epoch + 1);
    EXPECT_FALSE(txn.vips().findByAddress(address("10.77.9.2")));
  });
}

TEST_P(StoreContract, VipsAreCountedByWhatTheyAreGoodFor) {
  const auto on = addDevice("d");
  for (const char* text : {"10.77.9.1", "10.77.9.2", "10.77.9.3"}) addVip(text);
  run([&](Txn& txn) {
    txn.vips().claimFree(on, kNow);
    txn.vips().release(txn.vips().claimFree(on, kNow)->id, kNow + 60s);
    const auto counts = txn.vips().counts(kNow);
    EXPECT_EQ(counts.held, 1);
    EXPECT_EQ(counts.free, 1);
    EXPECT_EQ(counts.quarantined, 1);
  });
}

TEST_P(StoreContract, ADeviceInMaintenanceIsNoSpare) {
  const auto one = addDevice("d1"), two = addDevice("d2");
  run([&](Txn& txn) {
    txn.devices().setMaintenance(one, true);
    EXPECT_TRUE(txn.devices().find(one)->maintenance);
    EXPECT_FALSE(txn.devices().find(two)->maintenance);
    EXPECT_EQ(txn.devices().countSpares(), 1);
    EXPECT_EQ(txn.devices().claimSpare({})->id, two);
    EXPECT_FALSE(txn.devices().claimSpare({}));
    txn.devices().setMaintenance(one, false);
    EXPECT_EQ(txn.devices().claimSpare({})->id, one);
  });
}

TEST_P(StoreContract, DevicesAreCountedByStatusAndZone) {
  const auto id = addDevice("d1");
  model::NewDevice elsewhere;
  elsewhere.name = "d2";
  elsewhere.zone = "z2";
  run([&](Txn& txn) { txn.devices().insert(elsewhere, kNow); });
  run([&](Txn& txn) { txn.devices().setStatus(id, DeviceStatus::Offline, DeviceStatus::Error); });
  EXPECT_THAT(in([](Txn& txn) { return txn.devices().countsByZone(); }),
              UnorderedElementsAre(Pair(Pair(DeviceStatus::Error, ""), 1), Pair(Pair(DeviceStatus::Offline, "z2"), 1)));
}

TEST_P(StoreContract, TheBacklogIsWhatDevicesDoNotRunYet) {
  const auto backlog = [&] { return in([](Txn& txn) { return txn.devices().backlog(); }); };
  EXPECT_EQ(backlog().devices, 0);
  EXPECT_EQ(backlog().oldest, std::nullopt);
  EXPECT_EQ(in([](Txn& txn) { return txn.loadBalancers().oldestPending(); }), std::nullopt);

  const auto on = addDevice("d1"), idle = addDevice("d2");
  const auto id = addLoadBalancer(wanted("web"), on);
  run([&](Txn& txn) {
    txn.devices().raiseGeneration(on);
    txn.devices().raiseGeneration(idle);
    txn.loadBalancers().setPending(id, 1, kNow - 5s, kDeadline);
  });
  EXPECT_EQ(backlog().devices, 2);
  EXPECT_EQ(backlog().oldest, kNow - 5s);
  EXPECT_EQ(in([](Txn& txn) { return txn.loadBalancers().oldestPending(); }), kNow - 5s);

  run([&](Txn& txn) {
    for (const auto device : {on, idle}) txn.devices().markApplied(device, 1, DeviceStatus::Online);
    txn.loadBalancers().setStatus(id, LbStatus::Build, LbStatus::Active, "");
  });
  EXPECT_EQ(backlog().devices, 0);
  EXPECT_EQ(backlog().oldest, std::nullopt);
  EXPECT_EQ(in([](Txn& txn) { return txn.loadBalancers().oldestPending(); }), std::nullopt);
}

TEST_P(StoreContract, ALeaseIsTakenByWhoeverSawItLast) {
  const auto lease = [&] { return in([](Txn& txn) { return txn.leases().list(); }).at(0); };
  const auto take = [&](const model::Lease& seen, const char* holder) {
    return in([&](Txn& txn) { return txn.leases().take(seen, holder); });
  };
  const model::Lease none{"pool", "", 0, 0};
  EXPECT_TRUE(take(none, "a"));
  EXPECT_FALSE(take(none, "b")) << "there is a row by now";
  EXPECT_EQ(lease().holder, "a");
  EXPECT_EQ(lease().epoch, 1u);

  const auto seen = lease();
  run([](Txn& txn) { txn.leases().renew("a"); });
  EXPECT_FALSE(take(seen, "b")) << "its holder lives";
  run([](Txn& txn) { txn.leases().renew("b"); });
  EXPECT_EQ(lease().beat, seen.beat + 1) << "only the holder renews";
  EXPECT_TRUE(take(lease(), "b"));
  EXPECT_EQ(lease().holder, "b");
  EXPECT_EQ(lease().epoch, 2u);
}

TEST_P(StoreContract, WritesUnderALeaseEndWithItsEpoch) {
  run([](Txn& txn) {
    txn.leases().take({"pool", "", 0, 0}, "a");
    EXPECT_TRUE(txn.leases().write("pool", 1));
    EXPECT_FALSE(txn.leases().write("pool", 2));
    EXPECT_FALSE(txn.leases().write("other", 1));
    txn.leases().take({"pool", "a", 1, 0}, "b");
    EXPECT_FALSE(txn.leases().write("pool", 1));
    EXPECT_TRUE(txn.leases().write("pool", 2));
  });
}

TEST_P(StoreContract, AReleasedLeaseIsNobodysAndAnEndedOneGone) {
  run([](Txn& txn) {
    txn.leases().take({"pool", "", 0, 0}, "a");
    txn.leases().release("pool", 7);
    EXPECT_EQ(txn.leases().list().at(0).holder, "a") << "of another epoch";
    const auto seen = txn.leases().list().at(0);
    txn.leases().release("pool", 1);
    EXPECT_EQ(txn.leases().list().at(0).holder, "");
    txn.leases().remove(seen);
    ASSERT_EQ(txn.leases().list().size(), 1u) << "touched since";
    txn.leases().remove(txn.leases().list().at(0));
    EXPECT_THAT(txn.leases().list(), IsEmpty());
  });
}

TEST_P(StoreContract, OneOfManyTakesALease) {
  std::atomic<int> taken = 0;
  inParallel(8, [&](int i) {
    taken += in([&](Txn& txn) { return txn.leases().take({"pool", "", 0, 0}, std::to_string(i)); });
  });
  EXPECT_EQ(taken, 1);
}

// All of it at once, as a create does.
TEST_P(StoreContract, ManyCreatesAtOnceShareNothing) {
  constexpr int kCreates = 24;
  for (int i = 0; i < kCreates; ++i) {
    addDevice("d" + std::to_string(i));
    addVip("10.77.9." + std::to_string(i + 1));
  }
  std::atomic<int> created = 0;
  inParallel(6, [&](int thread) {
    for (int i = 0; i < kCreates / 6; ++i) {
      const auto done = store->transact([&](Txn& txn) -> Result<std::int64_t> {
        const auto tenant = "t" + std::to_string(thread % 2);
        if (!txn.tenants().reserveLoadBalancer(tenant, 100)) return Error{ErrorCode::OverLimit, ""};
        const auto spare = txn.devices().claimSpare({});
        if (!spare || !txn.vips().claimFree(spare->id, kNow)) return Error{ErrorCode::Unavailable, ""};
        return txn.loadBalancers().insert(wanted("web", tenant), spare->id, spare->generation, kNow, kDeadline).id;
      });
      created += bool(done);
    }
  });
  EXPECT_EQ(created, kCreates);
  std::set<std::int64_t> devices, vips;
  run([&](Txn& txn) {
    for (const char* tenant : {"t0", "t1"})
      for (const auto& lb : txn.loadBalancers().list(tenant, false)) {
        const auto whole = txn.loadBalancers().find(tenant, lb.id);
        devices.insert(whole->device);
        vips.insert(whole->virtual_ip->id);
      }
  });
  EXPECT_EQ(devices.size(), kCreates);
  EXPECT_EQ(vips.size(), kCreates);
}

// Requests that may be sent again

TEST_P(StoreContract, AKeyIsClaimedOnceAndRemembersTheAnswer) {
  const auto claim = [](Txn& txn, const char* tenant, const char* key) {
    return txn.requests().claim(tenant, key, "print", kNow, kNow - 24h);
  };
  run([&](Txn& txn) {
    EXPECT_FALSE(claim(txn, "a", "k"));
    txn.requests().answer("a", "k", 202, "body");
  });
  run([&](Txn& txn) {
    const auto known = claim(txn, "a", "k");
    ASSERT_TRUE(known);
    EXPECT_EQ(known->fingerprint, "print");
    EXPECT_EQ(known->status, 202);
    EXPECT_EQ(known->body, "body");
    EXPECT_FALSE(claim(txn, "b", "k"));
    EXPECT_FALSE(claim(txn, "a", "K"));
  });
}

TEST_P(StoreContract, AnOldKeyIsFreeAgain) {
  const auto claimAt = [&](Time now) {
    return in([&](Txn& txn) { return txn.requests().claim("a", "k", "print", now, now - 24h).has_value(); });
  };
  EXPECT_FALSE(claimAt(kNow));
  EXPECT_TRUE(claimAt(kNow + 24h));
  EXPECT_FALSE(claimAt(kNow + 25h));
  EXPECT_TRUE(claimAt(kNow + 26h));
}

TEST_P(StoreContract, OldKeysAreForgottenSomeAtATime) {
  run([](Txn& txn) {
    for (const char* key : {"k1", "k2", "k3"}) txn.requests().claim("a", key, "print", kNow, kNow);
    txn.requests().claim("a", "new", "print", kNow + 1h, kNow);
  });
  const auto forget = [&] { return in([](Txn& txn) { return txn.requests().forget(kNow + 1h, 2); }); };
  EXPECT_EQ(forget(), 2);
  EXPECT_EQ(forget(), 1);
  EXPECT_EQ(forget(), 0);
}

TEST_P(StoreContract, AKeySentByManyAtOnceIsClaimedByOne) {
  std::atomic<int> claimed = 0;
  inParallel(6, [&](int) {
    const auto done = store->transact([](Txn& txn) -> Result<bool> {
      const bool mine = !txn.requests().claim("a", "k", "print", kNow, kNow - 24h);
      if (mine) txn.requests().answer("a", "k", 202, "");
      return mine;
    });
    claimed += done && *done;
  });
  EXPECT_EQ(claimed, 1);
}

}  // namespace libra::test
