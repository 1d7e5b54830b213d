// The steering program in this kernel, with a real HAProxy in a namespace. Needs root. Where
// the kernel refuses the program, what is tested is that everything else works.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/device_states.h"
#include "tests/support/haproxy_process.h"
#include "tests/support/steered_host.h"
#include "tests/support/tiny_backend.h"

namespace libra::sidecar {
namespace {

using namespace libra::test;
using protocol::DeviceState;
using ::testing::HasSubstr;

constexpr const char* kV4 = "10.77.9.1";
constexpr const char* kV6 = "fd77:9::1";
constexpr std::uint16_t kPort = 7'123;  // in no catalogue

// A HAProxy, its driver and a back end inside a host.
struct Device {
  explicit Device(const std::string& pins) : proxy(pins), driver(*makeDriver("haproxy", proxy.config(), clock)) {}

  DeviceState serving(std::uint64_t generation, std::uint16_t port = kPort) const {
    auto balancer = aBalancer("15", port, {aNode("501", backend.port())});
    balancer.addresses = {*NetAddress::parse(kV4), *NetAddress::parse(kV6)};
    return aDevice(generation, {balancer});
  }
  Mechanism apply(const DeviceState& state) {
    const auto applied = driver->apply(state);
    EXPECT_TRUE(applied) << applied.error().message << ": " << applied.error().detail;
    return applied ? applied->mechanism : Mechanism::None;
  }

  SystemClock clock;
  HaproxyProcess proxy;
  std::unique_ptr<Driver> driver;
  TinyBackend backend{"a"};
};

// What a client of this address sees: the name of the node, or "" when nobody answers.
std::string seenAt(const std::string& address, std::uint16_t port = kPort) {
  return httpGet(port, "/", "", address).firstLine();
}

// Inside a host that steers, when this kernel can do that.
void onASteeredHost(const std::function<void(const SteeredHost&)>& test) {
  const SteeredHost host;
  host.run([&] {
    const int code = host.load();
    if (kernelSteers()) {
      ASSERT_EQ(code, 0) << host.said();
      return test(host);
    }
    EXPECT_EQ(code, 1);
    EXPECT_THAT(host.said(), HasSubstr("libra-steer: cannot "));
  });
}

TEST(Steering, AnyPortOfAVipIsServedInBothFamiliesAndNoMoreWhenTheLoadBalancerIsDeleted) {
  onASteeredHost([](const SteeredHost& host) {
    Device device(host.pins());
    EXPECT_EQ(seenAt(kV4), "");
    EXPECT_EQ(device.apply(device.serving(1)), Mechanism::Steer);
    EXPECT_EQ(seenAt(kV4), "a");
    EXPECT_EQ(seenAt(kV6), "a");
    EXPECT_EQ(seenAt("127.0.0.1"), "") << "not its address";
    EXPECT_EQ(device.apply(device.serving(1)), Mechanism::None);
    const auto pid = device.proxy.pid();

    KeptConnection kept(kPort, kV4);
    EXPECT_EQ(kept.get().status, 200);
    EXPECT_EQ(device.apply(device.serving(2, kPort + 1)), Mechanism::Steer);
    EXPECT_EQ(seenAt(kV4), "");
    EXPECT_EQ(seenAt(kV4, kPort + 1), "a");
    device.apply(aDevice(3, {}));
    EXPECT_EQ(seenAt(kV4, kPort + 1), "");
    EXPECT_EQ(seenAt(kV6, kPort + 1), "");
    EXPECT_EQ(device.proxy.pid(), pid);
  });
}

TEST(Steering, ALoadBalancerWithoutAddressIsServedAtAll) {
  onASteeredHost([](const SteeredHost& host) {
    Device device(host.pins());
    device.apply(aDevice(1, {aBalancer("15", kPort, {aNode("501", device.backend.port())})}));
    for (const char* address : {kV4, kV6, "127.0.0.1", "::1"}) EXPECT_EQ(seenAt(address), "a") << address;
  });
}

TEST(Steering, ARestartedProxyIsFoundAgain) {
  onASteeredHost([](const SteeredHost& host) {
    Device device(host.pins());
    device.apply(device.serving(1));
    ASSERT_TRUE(device.driver->writeColdStart(device.serving(1)));
    for (int round = 0; round < 3; ++round) {
      device.proxy.kill();
      device.driver->attend();
      EXPECT_EQ(seenAt(kV4), "");
      device.proxy.start();
      device.driver->attend();
      EXPECT_EQ(seenAt(kV4), "a");
      EXPECT_EQ(seenAt(kV6), "a");
    }
  });
}

TEST(Steering, ItOutlivesTheSidecarAndLoadingAgainChangesNothing) {
  onASteeredHost([](const SteeredHost& host) {
    Device device(host.pins());
    device.apply(device.serving(1));
    device.driver.reset();
    EXPECT_EQ(host.load(), 0) << host.said();
    EXPECT_EQ(seenAt(kV4), "a");
    device.driver = *makeDriver("haproxy", device.proxy.config(), device.clock);
    EXPECT_EQ(device.apply(device.serving(1)), Mechanism::None);
    EXPECT_EQ(device.driver->capabilities().listening, "any port");
    EXPECT_EQ(host.load("--unload"), 0) << host.said();
    EXPECT_EQ(seenAt(kV4), "");
  });
}

TEST(Steering, TheSidecarsUserNeedsNoPrivilege) {
  onASteeredHost([](const SteeredHost& host) {
    ASSERT_EQ(host.load("--unload"), 0);
    ASSERT_EQ(host.load("--user nobody"), 0) << host.said();
    const int listed = std::system(("setpriv --reuid=nobody --clear-groups --bounding-set=-all --inh-caps=-all cat " +
                                    host.pins() + "/vips >/dev/null 2>&1")
                                       .c_str());
    EXPECT_NE(listed, 0) << "a pin is no file to read";
    EXPECT_EQ(std::system(("test $(stat -c %U:%a " + host.pins() + "/vips) = nobody:600").c_str()), 0);
    EXPECT_EQ(std::system(("test $(stat -c %U:%a " + host.pins() + "/link) = root:600").c_str()), 0);
  });
}

TEST(Steering, WithoutItTheCataloguePortsServeAndOthersNeedAnotherProcess) {
  const SteeredHost host;
  host.run([&] {
    Device device(host.pins());  // where nothing was loaded
    EXPECT_THAT(device.driver->capabilities().listening, HasSubstr("catalogue ports: "));
    const auto port = device.proxy.port();
    EXPECT_EQ(device.apply(device.serving(1, port)), Mechanism::Runtime);
    EXPECT_EQ(seenAt(kV4, port), "a");
    EXPECT_EQ(seenAt(kV6, port), "a");
    EXPECT_EQ(device.apply(device.serving(2)), Mechanism::BlueGreen);
    EXPECT_EQ(seenAt(kV4), "a");
    EXPECT_EQ(seenAt(kV6), "a");
  });
}

TEST(Steering, StaysWhenAnotherProcessTakesOver) {
  onASteeredHost([](const SteeredHost& host) {
    Device device(host.pins());
    device.apply(device.serving(1));
    auto config = device.proxy.config();
    config.drain += std::chrono::seconds(1);
    device.driver = *makeDriver("haproxy", config, device.clock);
    EXPECT_EQ(device.apply(device.serving(1)), Mechanism::BlueGreen) << "its settings are others";
    EXPECT_EQ(seenAt(kV4), "a");
    EXPECT_EQ(seenAt(kV6), "a");
  });
}

TEST(SteeringLoader, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> rows[] = {
      {"--what", "wrong arguments"},
      {"more", "what is 'more'"},
      {"--user nobody-has-this-name", "no user 'nobody-has-this-name'"}};
  const SteeredHost host;
  for (const auto& [arguments, words] : rows) {
    EXPECT_EQ(host.load(arguments), 2) << arguments;
    EXPECT_THAT(host.said(), HasSubstr(words));
  }
  EXPECT_EQ(host.load("--help"), 0);
  EXPECT_THAT(host.said(), HasSubstr("Usage: libra-steer"));
}

}  // namespace
}  // namespace libra::sidecar
