#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdio>
#include <future>
#include <thread>

#include "sidecar/vip/address_probe.h"
#include "sidecar/vip/netlink_vip_holder.h"
#include "tests/support/child_process.h"
#include "tests/support/fake_clock.h"
#include "tests/support/netns.h"

namespace libra::sidecar {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

NetAddress ip(const char* text) { return *NetAddress::parse(text); }
protocol::VirtualIpState vip(const char* address, int prefix) { return {ip(address), prefix, 1}; }

std::string output(const std::string& command) {
  std::string text;
  FILE* pipe = ::popen(command.c_str(), "r");
  for (char buffer[512]; std::fgets(buffer, sizeof buffer, pipe) != nullptr;) text += buffer;
  ::pclose(pipe);
  return text;
}

// A device with an interface and a neighbour that listens.
class VipTest : public ::testing::Test {
 protected:
  VipTest() {
    on(cable.device, "ip addr add 10.77.2.1/16 dev eth0");
    on(cable.peer, "ip addr add 10.77.0.9/16 dev eth0 && ip addr add fd77::9/64 dev eth0 nodad");
    cable.peer.run([&] {
      ear = Fd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL)));
      hearFor(10);
    });
    cable.device.run([&] {
      auto opened = NetlinkVipHolder::open("eth0", true, loop, clock);
      if (opened) holder = *std::move(opened);
    });
    loop_thread = std::thread([&] { loop.run(); });
  }
  ~VipTest() override {
    loop.stop();
    loop_thread.join();
  }

  static std::string on(const test::NetworkNamespace& where, const std::string& command) {
    std::string text;
    where.run([&] { text = output(command + " 2>&1"); });
    return text;
  }
  std::string addresses() { return on(cable.device, "ip addr show dev eth0"); }
  std::string mac() { return on(cable.device, "ip -o link show dev eth0"); }

  std::set<NetAddress> elsewhere(const std::set<NetAddress>& addresses) {
    std::set<NetAddress> held;
    cable.device.run([&] { held = *holder->heldElsewhere(addresses); });
    return held;
  }

  // The next announcement the neighbour hears: "request 10.77.9.1", "reply 10.77.9.1" or "advertisement fd77::9:1".
  std::string heard() {
    for (;;) {
      std::uint8_t frame[2048];
      const ssize_t size = ::recv(ear.get(), frame, sizeof frame, 0);
      if (size < 0) return "silence";
      char text[INET6_ADDRSTRLEN] = "";
      const int type = frame[12] << 8 | frame[13];
      if (type == ETHERTYPE_ARP && size >= 42) {
        ::inet_ntop(AF_INET, frame + 28, text, sizeof text);
        const bool gratuitous = std::equal(frame + 28, frame + 32, frame + 38);
        if (gratuitous) return (frame[21] == 1 ? "request " : "reply ") + std::string(text);
      }
      if (type == ETHERTYPE_IPV6 && size >= 86 && frame[20] == 58 && frame[54] == 136) {
        ::inet_ntop(AF_INET6, frame + 62, text, sizeof text);
        return "advertisement " + std::string(text);
      }
    }
  }

  // The next of what is heard(), at most.
  void hearFor(int seconds) const {
    const timeval patience{.tv_sec = seconds, .tv_usec = 0};
    ::setsockopt(ear.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }

  // From its first announcement on, for a second and more.
  void expectOnly(const std::string& address) {
    while (heard() != "reply " + address) {
    }
    for (int time = 1; time < 4; ++time) {
      EXPECT_EQ(heard(), "request " + address);
      EXPECT_EQ(heard(), "reply " + address);
    }
  }

  test::Cable cable;
  SystemClock clock;
  test::FakeClock turned_clock;
  EventLoop loop;
  std::unique_ptr<NetlinkVipHolder> holder, sleeper;
  Fd ear;
  std::thread loop_thread;
};

TEST_F(VipTest, AHeldVipIsOnTheInterfaceAndADroppedOneIsNot) {
  ASSERT_TRUE(holder->hold(vip("10.77.9.1", 24)));
  ASSERT_TRUE(holder->hold(vip("fd77::9:1", 64)));
  EXPECT_THAT(addresses(), HasSubstr("10.77.9.1/24"));
  EXPECT_THAT(addresses(), HasSubstr("fd77::9:1/64"));
  const auto present = *holder->present();
  EXPECT_TRUE(present.contains(ip("10.77.9.1")));
  EXPECT_TRUE(present.contains(ip("fd77::9:1")));
  EXPECT_TRUE(present.contains(ip("10.77.2.1")));

  ASSERT_TRUE(holder->drop(ip("10.77.9.1"), 24));
  ASSERT_TRUE(holder->drop(ip("fd77::9:1"), 64));
  EXPECT_THAT(addresses(), Not(HasSubstr("10.77.9.1")));
  EXPECT_THAT(addresses(), Not(HasSubstr("fd77::9:1")));
  EXPECT_THAT(addresses(), HasSubstr("10.77.2.1/16"));
}

TEST_F(VipTest, EveryStepMayBeRepeated) {
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(holder->hold(vip("10.77.9.1", 24)));
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(holder->drop(ip("10.77.9.1"), 24));
}

TEST_F(VipTest, AnIpv6VipIsUsableAtOnceAndNoSourceOfConnections) {
  ASSERT_TRUE(holder->hold(vip("fd77::9:1", 64)));
  const auto shown = on(cable.device, "ip -6 addr show dev eth0 to fd77::9:1");
  EXPECT_THAT(shown, HasSubstr("nodad"));
  EXPECT_THAT(shown, HasSubstr("deprecated"));
  EXPECT_THAT(shown, Not(HasSubstr("tentative")));
}

TEST_F(VipTest, DroppingTheFirstOfASubnetKeepsTheOthers) {
  for (const char* address : {"10.77.9.1", "10.77.9.2", "10.77.9.3"}) ASSERT_TRUE(holder->hold(vip(address, 24)));
  ASSERT_TRUE(holder->drop(ip("10.77.9.1"), 24));
  EXPECT_THAT(addresses(), HasSubstr("10.77.9.2/24"));
  EXPECT_THAT(addresses(), HasSubstr("10.77.9.3/24"));
}

TEST_F(VipTest, ATakenVipIsAnnouncedInBothFormsAndAgain) {
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(holder->hold(vip("10.77.9.1", 24)));
  for (int time = 0; time < 4; ++time) {
    EXPECT_EQ(heard(), "request 10.77.9.1");
    EXPECT_EQ(heard(), "reply 10.77.9.1");
  }
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(950));
}

TEST_F(VipTest, AnIpv6VipIsAdvertisedAndAgain) {
  ASSERT_TRUE(holder->hold(vip("fd77::9:1", 64)));
  for (int time = 0; time < 3; ++time) EXPECT_EQ(heard(), "advertisement fd77::9:1");
}

TEST_F(VipTest, ADroppedVipIsNeverAnnouncedAgain) {
  ASSERT_TRUE(holder->hold(vip("10.77.9.1", 24)));
  EXPECT_EQ(heard(), "request 10.77.9.1");
  EXPECT_EQ(heard(), "reply 10.77.9.1");
  ASSERT_TRUE(holder->drop(ip("10.77.9.1"), 24));
  ASSERT_TRUE(holder->hold(vip("10.77.9.2", 24)));
  for (int time = 0; time < 4; ++time) {
    EXPECT_EQ(heard(), "request 10.77.9.2");
    EXPECT_EQ(heard(), "reply 10.77.9.2");
  }
}

TEST_F(VipTest, AVipIsNotAnnouncedAgainOverALinkThatWasLost) {
  ASSERT_TRUE(holder->hold(vip("10.77.9.1", 24)));
  on(cable.peer, "ip link set eth0 down && ip link set eth0 up");
  ASSERT_TRUE(holder->hold(vip("10.77.9.2", 24)));
  expectOnly("10.77.9.2");
}

// Its clock leaps between two announcements, so that none of them is late.
TEST_F(VipTest, AProcessThatSleptAnnouncesNothingAlsoIfItIsAwakeInTime) {
  cable.device.run([&] { sleeper = *NetlinkVipHolder::open("eth0", true, loop, turned_clock); });
  ASSERT_TRUE(sleeper->hold(vip("10.77.9.1", 24)));
  for (int frame = 0; frame < 6; ++frame) EXPECT_EQ(heard(), frame % 2 == 0 ? "request 10.77.9.1" : "reply 10.77.9.1");
  std::promise<void> waits;
  loop.post([&] { waits.set_value(); });
  waits.get_future().wait();
  turned_clock.advance(std::chrono::milliseconds(300));
  hearFor(2);  // seconds; the next was due in 0.9
  EXPECT_EQ(heard(), "silence");
}

TEST_F(VipTest, AVipThatIsThereAlreadyIsNotAnnounced) {
  on(cable.device, "ip addr add 10.77.9.1/24 dev eth0");
  ASSERT_TRUE(holder->hold(vip("10.77.9.1", 24)));
  ASSERT_TRUE(holder->hold(vip("10.77.9.2", 24)));
  EXPECT_EQ(heard(), "request 10.77.9.2");
}

TEST_F(VipTest, NeighboursThatKnewAnotherHolderFollow) {
  on(cable.peer, "ip neigh replace 10.77.9.1 lladdr 02:00:00:00:00:99 nud stale dev eth0");
  on(cable.peer, "ip neigh replace fd77::9:1 lladdr 02:00:00:00:00:99 nud stale dev eth0");
  ASSERT_TRUE(holder->hold(vip("10.77.9.1", 24)));
  ASSERT_TRUE(holder->hold(vip("fd77::9:1", 64)));
  const auto follows = [&](const char* address) {
    const auto known = on(cable.peer, std::string("ip neigh show to ") + address);
    const auto at = known.find("lladdr ");
    return at != known.npos && mac().find(known.substr(at + 7, 17)) != std::string::npos;
  };
  EXPECT_TRUE(test::waitFor([&] { return follows("10.77.9.1"); }));
  EXPECT_TRUE(test::waitFor([&] { return follows("fd77::9:1"); }));
}

TEST_F(VipTest, WhatANeighbourHasIsFoundAndNothingElse) {
  const std::set<NetAddress> asked{ip("10.77.0.9"), ip("10.77.9.1"), ip("fd77::9"), ip("fd77::9:1")};
  EXPECT_EQ(elsewhere(asked), (std::set<NetAddress>{ip("10.77.0.9"), ip("fd77::9")}));
  EXPECT_THAT(on(cable.peer, "ip neigh show"), Not(HasSubstr("10.77.9.1"))) << "a question claims nothing";
}

TEST_F(VipTest, TwoThatAskAtOnceBothLeaveIt) {
  std::set<NetAddress> peers;
  std::thread peer([&] { cable.peer.run([&] { peers = *heldByNeighbours("eth0", {ip("10.77.9.1")}, clock); }); });
  EXPECT_EQ(elsewhere({ip("10.77.9.1")}), (std::set<NetAddress>{ip("10.77.9.1")}));
  peer.join();
  EXPECT_EQ(peers, (std::set<NetAddress>{ip("10.77.9.1")}));
}

TEST_F(VipTest, WithoutALinkNobodyCanBeAsked) {
  on(cable.peer, "ip link set eth0 down");
  cable.device.run([&] { EXPECT_FALSE(holder->heldElsewhere({ip("10.77.9.1")})); });
}

TEST_F(VipTest, AnInterfaceThatIsNotThereIsAnError) {
  cable.device.run([&] {
    EXPECT_FALSE(NetlinkVipHolder::open("eth7", true, loop, clock));
    EXPECT_FALSE(NetlinkVipHolder::open("an-interface-name-too-long", true, loop, clock));
  });
}

}  // namespace
}  // namespace libra::sidecar
