#include <gtest/gtest.h>

#include "sidecar/make_driver.h"
#include "sidecar/nginx/control_socket.h"
#include "tests/contract/driver_contract.h"
#include "tests/support/nginx_device.h"
#include "tests/support/tiny_backend.h"

namespace libra::test {

class NginxHost {
 public:
  NginxHost() : driver_(*sidecar::makeDriver("nginx", proxy_.config(), clock_)) {}

  sidecar::Driver& driver() { return *driver_; }
  std::uint16_t port(std::size_t which) const { return proxy_.port(which); }

 private:
  SystemClock clock_;
  NginxDevice proxy_;
  std::unique_ptr<sidecar::Driver> driver_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Nginx, DriverContract, NginxHost);

namespace {

using protocol::NodeHealth;
using Names = std::set<std::string>;

class NginxDriver : public testing::Test {
 protected:
  NginxDriver() : driver_(*sidecar::makeDriver("nginx", proxy_.config(), clock_)) {}

  void apply(const protocol::DeviceState& wanted) {
    const auto applied = driver_->apply(wanted);
    ASSERT_TRUE(applied) << applied.error().message << ": " << applied.error().detail;
  }
  protocol::LoadBalancerState web(std::vector<protocol::NodeState> nodes) const {
    auto balancer = aBalancer("15", proxy_.port(), std::move(nodes));
    balancer.persistence = Persistence::None;
    return balancer;
  }
  Names answering(int count = 8) {
    Names names;
    for (int i = 0; i < count; ++i) names.insert(httpGet(proxy_.port()).firstLine());
    return names;
  }
  protocol::NodeState a() const { return aNode("501", first_.port()); }
  protocol::NodeState b() const { return aNode("502", second_.port()); }

  SystemClock clock_;
  NginxDevice proxy_;
  TinyBackend first_{"a"}, second_{"b"};
  std::unique_ptr<sidecar::Driver> driver_;
};

TEST_F(NginxDriver, EveryNodeAnswersUntilItIsFoundDown) {
  apply(aDevice(1, {web({a(), b()})}));
  EXPECT_EQ(answering(), (Names{"a", "b"}));
  ASSERT_TRUE(driver_->setHealth({{"502", NodeHealth::Down}, {"none of ours", NodeHealth::Down}}));
  EXPECT_EQ(answering(), Names{"a"});
  EXPECT_EQ(driver_->health()->at("502").health, NodeHealth::Down);
  ASSERT_TRUE(driver_->setHealth({{"502", NodeHealth::Up}}));
  EXPECT_EQ(answering(), (Names{"a", "b"}));
}

TEST_F(NginxDriver, ARestartedNginxServesAtOnceWhatItServedBefore) {
  const auto wanted = aDevice(4, {web({a()})});
  apply(wanted);
  const auto before = driver_->usage()->proxy_start;
  proxy_.stop();
  proxy_.start();
  EXPECT_EQ(answering(2), Names{"a"});
  EXPECT_NE(driver_->usage()->proxy_start, before);
  EXPECT_EQ(driver_->apply(wanted)->mechanism, sidecar::Mechanism::None);
}

TEST_F(NginxDriver, AnotherSidecarGoesOnWithTheListenersNginxHas) {
  apply(aDevice(1, {web({a()})}));
  driver_ = *sidecar::makeDriver("nginx", proxy_.config(), clock_);
  apply(aDevice(2, {web({b()})}));
  EXPECT_EQ(answering(), Names{"b"});
}

TEST_F(NginxDriver, WhatSomebodyElseChangedIsPutRight) {
  const auto wanted = aDevice(1, {web({a(), b()})});
  apply(wanted);
  const sidecar::nginx::ControlSocket control(proxy_.config().stats_socket, clock_);
  auto running = *control.get("/state");
  running["loadBalancers"][0]["peers"][1].set("drain", true);
  ASSERT_TRUE(control.put("/state", running.set("revision", running["revision"].integer() + 1)));

  EXPECT_TRUE(driver_->live()->load_balancers.empty());
  EXPECT_EQ(driver_->apply(wanted)->changed, std::vector<std::string>{"15.http"});
  EXPECT_EQ(answering(), (Names{"a", "b"}));
}

TEST_F(NginxDriver, ANodeLeavesWhenItsDrainEnds) {
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now().time_since_epoch());
  const auto wanted = aDevice(1, {web({a(), draining(b(), now + std::chrono::seconds(1))})});
  apply(wanted);
  const auto drains = [&] { return driver_->explain()->find("node 502") != std::string::npos; };
  EXPECT_TRUE(drains());
  EXPECT_TRUE(waitFor([&] { return (void)driver_->tick(), !drains(); }));
  EXPECT_EQ(comparable(*driver_->live()), comparable(wanted));
}

TEST_F(NginxDriver, CountsWhatItServed) {
  apply(aDevice(1, {web({a(), b()})}));
  answering(4);
  const auto isCounted = [&] { return driver_->usage()->load_balancers.at(0).used.requests == 4; };
  EXPECT_TRUE(waitFor(isCounted));
  const auto usage = driver_->usage()->load_balancers.at(0);
  EXPECT_EQ(usage.used.connections, 4u);
  EXPECT_GT(usage.used.bytes_in, 0u);
  EXPECT_GT(usage.used.bytes_out, 0u);
  std::uint64_t served = 0;
  for (const auto& server : usage.servers) served += server.used.requests;
  EXPECT_EQ(served, 4u);
}

TEST_F(NginxDriver, SaysWhatItCannotCarry) {
  auto balancer = web({a()});
  balancer.error_page = "sorry";
  const auto applied = driver_->apply(aDevice(1, {balancer}));
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, ErrorCode::Invalid);
  EXPECT_EQ(applied.error().message, "Load balancer 15 cannot be configured: an nginx device has no error-page");
}

TEST_F(NginxDriver, AnNginxThatIsDownIsUnavailable) {
  proxy_.stop();
  EXPECT_EQ(driver_->apply(aDevice(1, {})).error().code, ErrorCode::Unavailable);
  EXPECT_EQ(driver_->health().error().code, ErrorCode::Unavailable);
  (void)driver_->tick();
}

}  // namespace
}  // namespace libra::test
