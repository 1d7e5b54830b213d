#include <gtest/gtest.h>

#include "sidecar/haproxy/wanted.h"
#include "sidecar/steer/steering.h"
#include "tests/support/device_states.h"

namespace libra::sidecar {
namespace {

using namespace libra::test;

Destination at(const char* address, std::uint16_t port) { return {NetAddress::parse(address), port}; }

TEST(SteeringPlan, AddsWhatIsMissingRemovesWhatIsTooMuchAndLeavesTheRest) {
  const Destinations live{at("10.77.9.1", 80), at("fd77::9", 80), {std::nullopt, 3306}};
  const Destinations wanted{at("10.77.9.1", 80), at("fd77::9", 81), at("10.77.9.2", 80)};
  const auto plan = planSteering(live, wanted);
  EXPECT_EQ(Destinations(plan.add.begin(), plan.add.end()), (Destinations{at("fd77::9", 81), at("10.77.9.2", 80)}));
  EXPECT_EQ(Destinations(plan.remove.begin(), plan.remove.end()),
            (Destinations{at("fd77::9", 80), {std::nullopt, 3306}}));
  EXPECT_TRUE(planSteering(wanted, wanted).empty());
}

TEST(SteeringPlan, EveryAddressOfALoadBalancerIsADestinationAndAnyWhenItHasNone) {
  auto named = aBalancer("15", 8123, {});
  named.addresses = {*NetAddress::parse("10.77.9.1"), *NetAddress::parse("fd77::9")};
  EXPECT_EQ(haproxy::destinationsOf(aDevice(1, {named, aBalancer("16", 77, {})})),
            (Destinations{at("10.77.9.1", 8123), at("fd77::9", 8123), {std::nullopt, 77}}));
}

TEST(SteeringPlan, SteeringOffersEveryPortButAnyAddressOfTheManagementOne) {
  const haproxy::Listening catalogue{{80}, false, 9080}, steered{{80}, true, 9080};
  auto named = [](std::uint16_t port) {
    auto balancer = aBalancer("15", port, {});
    balancer.addresses = {*NetAddress::parse("10.77.9.1")};
    return balancer;
  };
  EXPECT_TRUE(catalogue.offers(named(80), 80));
  EXPECT_FALSE(catalogue.offers(named(81), 81));
  EXPECT_TRUE(steered.offers(named(81), 81));
  EXPECT_TRUE(steered.offers(named(9080), 9080));
  EXPECT_TRUE(steered.offers(aBalancer("15", 81, {}), 81));
  EXPECT_FALSE(steered.offers(aBalancer("15", 9080, {}), 9080)) << "it would take the management address over";
  EXPECT_FALSE(steered.offers(aBalancer("15", 0, {}), 0));
}

}  // namespace
}  // namespace libra::sidecar
