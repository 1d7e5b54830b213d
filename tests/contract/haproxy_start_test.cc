// What a HAProxy serves that begins anew, from its files.

#include <gtest/gtest.h>

#include <random>

#include "tests/contract/haproxy_world.h"
#include "tests/support/random_state.h"

namespace libra::sidecar {
namespace {

using namespace libra::test;
using protocol::DeviceState;

using HaproxyStart = HaproxyWorld;

// The certificates of random states are none.
void withoutTls(protocol::LoadBalancerState& balancer) {
  balancer.tls.reset();
  balancer.https_redirect = false;
  balancer.node_tls = {};
  for (auto& node : balancer.nodes) node.tls = false;
}

TEST_F(HaproxyStart, ComesBackFromItsFilesAfterAKill) {
  auto state = aDevice(7, {aBalancer("15", proxy_.port(), {a(), disabled(b()), backup(c())}),
                           aBalancer("16", proxy_.port(1), {b()}, Protocol::Tcp)});
  state.load_balancers[0].monitor = {MonitorType::Http, std::chrono::seconds(9), std::chrono::seconds(2), 3, "/a b"};
  state.load_balancers[1].options.retries = 200;
  apply(state);
  const auto before = *driver_->live();
  ASSERT_TRUE(driver_->writeColdStart(state));
  proxy_.kill();
  EXPECT_FALSE(driver_->live());
  proxy_.start();
  EXPECT_EQ(*driver_->live(), before);
  EXPECT_EQ(answering(3), (Names{"a"}));
  expectTakenOver(state);
  EXPECT_EQ(answering(3), (Names{"a"}));
}

TEST_F(HaproxyStart, TheColdStartIsAlwaysWhatRuns) {
  const auto seed = std::random_device{}();
  RandomState random(seed);
  for (std::uint64_t generation = 1; generation <= 4; ++generation) {
    auto state = random.device();
    state.generation = generation;
    for (std::size_t i = 0; i < state.load_balancers.size(); ++i) {
      auto& balancer = state.load_balancers[i];
      balancer.port = proxy_.port(i % 3);
      balancer.addresses = {NetAddress::fromV4(0x0A4D0900u + static_cast<unsigned>(i))};
      balancer.monitor = {MonitorType::Http, balancer.monitor.delay, std::chrono::seconds(1), 3, "/a?b=c"};
      withoutTls(balancer);
      for (auto& node : balancer.nodes) node.draining.reset();  // begins anew, see the next test
    }
    apply(state);
    ASSERT_TRUE(driver_->writeColdStart(state)) << "seed " << seed;
    const HaproxyProcess second(proxy_);
    auto config = second.config();
    config.master_socket.clear();  // no other process, which would listen at the first one's ports
    const auto twin = *makeDriver("haproxy", config, clock_);
    EXPECT_EQ(*twin->live(), *driver_->live()) << "seed " << seed << ", generation " << generation;
    EXPECT_TRUE(twin->apply(state)->changed.empty()) << "seed " << seed << ", generation " << generation;
  }
}

TEST_F(HaproxyStart, ADrainGoesOnAfterAKill) {
  const auto state = aDevice(7, {aBalancer("15", proxy_.port(), {draining(a()), b()})});
  apply(state);
  const auto before = *driver_->live();
  ASSERT_TRUE(driver_->writeColdStart(state));
  proxy_.kill();
  proxy_.start();
  EXPECT_EQ(*driver_->live(), before);
  EXPECT_EQ(answering(3), (Names{"b"}));
  EXPECT_EQ(apply(state).changed, (std::vector<std::string>{"process", "s1_http_rr_connect/n501-30s2"}));
  EXPECT_EQ(*driver_->live(), before);
  EXPECT_EQ(answering(3), (Names{"b"}));
}

TEST_F(HaproxyStart, IsRebuiltAfterAStartFromTheBaseConfiguration) {
  const auto state = aDevice(7, {aBalancer("15", proxy_.port(), {a()})});
  apply(state);
  proxy_.kill();
  proxy_.start();
  EXPECT_EQ(*driver_->live(), DeviceState{});
  apply(state);
  EXPECT_EQ(answering(3), (Names{"a"}));
}

}  // namespace
}  // namespace libra::sidecar
