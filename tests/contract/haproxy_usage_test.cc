// What a real HAProxy counts for a load balancer and its nodes, over changes.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/contract/haproxy_world.h"

namespace libra::sidecar {
namespace {

using namespace libra::test;

using HaproxyUsage = HaproxyWorld;

TEST_F(HaproxyUsage, CountsWhatALoadBalancerCarriedWhereverItMoves) {
  auto balancer = aBalancer("15", proxy_.port(), {a()});
  apply(aDevice(1, {balancer}));
  answering(3);
  balancer.algorithm = Algorithm::LeastConnections;
  apply(aDevice(2, {balancer}));
  answering(3);
  balancer.options.retries = 7;
  apply(aDevice(3, {balancer}));
  answering(3);
  apply(aDevice(4, {balancer, aBalancer("16", proxy_.port(1), {b()})}));
  const auto usage = driver_->usage();
  ASSERT_TRUE(usage);
  ASSERT_EQ(usage->load_balancers.size(), 2u);
  for (const auto& used : usage->load_balancers)
    EXPECT_EQ(used.used.requests, used.lb_id == "15" ? 9u : 0u) << used.lb_id;
}

TEST_F(HaproxyUsage, CountsAnswersByClassAndNodeAlsoOfANodeThatLeft) {
  auto balancer = aBalancer("15", proxy_.port(), {a()});
  apply(aDevice(1, {balancer}));
  for (const char* path : {"/", "/", "/", "/missing", "/missing"}) httpGet(proxy_.port(), path);
  balancer.nodes = {b()};
  apply(aDevice(2, {balancer}));
  const auto usage = driver_->usage();
  ASSERT_TRUE(usage);
  const auto& counted = usage->load_balancers.at(0);
  EXPECT_EQ(counted.used.statuses, (protocol::StatusClasses{0, 3, 0, 2, 0}));
  const auto left = std::find_if(counted.servers.begin(), counted.servers.end(),
                                 [](const auto& server) { return server.node == "501"; });
  ASSERT_NE(left, counted.servers.end());
  EXPECT_EQ(left->used.requests, 5u);
  EXPECT_EQ(left->used.statuses, counted.used.statuses);
  EXPECT_GT(left->used.bytes_out, 0u);
}

}  // namespace
}  // namespace libra::sidecar
