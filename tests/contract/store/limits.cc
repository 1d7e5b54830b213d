#include "tests/contract/store/rows.h"

namespace libra::test::rows {

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

}  // namespace libra::test::rows
