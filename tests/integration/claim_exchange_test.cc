// Two devices on one cable that have one VIP, and no controller in reach.

#include "sidecar/vip/claim_exchange.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <future>
#include <thread>

#include "lib/seal/base64.h"
#include "lib/tls/roles.h"
#include "tests/support/child_process.h"
#include "tests/support/netns.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_files.h"

namespace libra::sidecar {
namespace {

using test::TestCa;
using ::testing::IsEmpty;

const NetAddress kOurVip = *NetAddress::parse("10.77.9.1"), kOurV6 = *NetAddress::parse("fd77::9:1");

// The device under test holds a VIP by epoch 7; its neighbour speaks in bare frames.
class ClaimExchangeTest : public ::testing::Test {
 protected:
  ClaimExchangeTest() {
    listen();
    cable.device.run([&] {
      device_mac = *open(PacketSocket::Hears::Nothing).mac();
      auto opened = ClaimExchange::open("eth0", ca.issue("device", {.uri = {tls::deviceUri("dev1")}}), loop, clock,
                                        {[this](const auto& vip, auto epoch) { said(vip.str(), epoch); },
                                         [this](const auto& vip) { said("defended " + vip.str(), 0); }});
      if (opened) exchange = *std::move(opened);
    });
    loop_thread = std::thread([&] { loop.run(); });
    hold(kOurVip, 7);
  }
  ~ClaimExchangeTest() override {
    loop.stop();
    loop_thread.join();
  }

  void listen() {
    cable.peer.run([&] {
      mac = *open(PacketSocket::Hears::Nothing).mac();
      arp.emplace(open(PacketSocket::Hears::Arp));
      discovery.emplace(open(PacketSocket::Hears::NeighbourDiscovery));
      claims.emplace(open(PacketSocket::Hears::SignedClaims));
    });
  }
  static PacketSocket open(PacketSocket::Hears hears) { return *PacketSocket::open("eth0", hears); }
  seal::Hand handOf(const TestCa& authority, const std::string& uri) {
    return *seal::Hand::open(authority.issue("hand" + std::to_string(++hands), {.uri = {uri}}));
  }
  std::string signedBy(const seal::Hand& hand, const NetAddress& vip, std::uint64_t epoch, const char* device) {
    return *hand.sign(protocol::writeVipClaim({vip, epoch, device}));
  }
  void hold(const NetAddress& vip, std::uint64_t epoch) {
    exchange->hold({{vip, 24, epoch, seal::toBase64(signedBy(controller, vip, epoch, "dev1"))}});
    settle();
  }
  // What was posted to the loop before is done.
  void settle() {
    std::promise<void> done;
    loop.post([&] { done.set_value(); });
    done.get_future().wait();
  }

  void show(const std::string& claim) { ASSERT_TRUE(claims->send(signedClaimFrame({mac, claim}, device_mac))); }
  void showAs(std::uint64_t epoch) { show(signedBy(controller, kOurVip, epoch, "dev2")); }
  // The claim that the device shows next; none in time.
  std::optional<protocol::VipClaim> shown(Millis patience = Millis(5000)) {
    const auto frame = readSignedClaim(claims->receive(patience));
    if (!frame) return std::nullopt;
    EXPECT_EQ(frame->by, device_mac);
    const auto opened = controller.open(frame->bytes);
    return opened ? protocol::readVipClaim(opened->content) : std::nullopt;
  }
  // A socket hears nothing at first where its link has just come up.
  bool asksFor(const NetAddress& vip, const PacketSocket& ear) {
    return test::waitFor([&] { return readClaim(ear.receive(Millis(100))) == AddressClaim{vip, device_mac}; });
  }

  void said(const std::string& what, std::uint64_t epoch) {
    happened.lock()->push_back(what + (epoch > 0 ? " " + std::to_string(epoch) : ""));
  }
  std::vector<std::string> events() { return *happened.lock(); }
  bool happens(const std::string& what) {
    return test::waitFor([&] { return events() == std::vector{what}; });
  }
  // Whatever was sent before this was read: it is answered in order.
  void expectNothingChanged() {
    showAs(6);
    EXPECT_TRUE(happens("defended 10.77.9.1"));
    EXPECT_EQ(shown(), (protocol::VipClaim{kOurVip, 7, "dev1"}));
  }

  test::Cable cable;
  test::TempDir folder, elsewhere;
  TestCa ca{folder.path()};
  SystemClock clock;
  EventLoop loop;
  int hands = 0;
  seal::Hand controller = handOf(ca, tls::kControllerUri);
  Locked<std::vector<std::string>> happened;
  std::unique_ptr<ClaimExchange> exchange;
  std::optional<PacketSocket> arp, discovery, claims;
  MacAddress mac{}, device_mac{};
  std::thread loop_thread;
};

TEST_F(ClaimExchangeTest, TheHigherEpochHasTheVip) {
  showAs(8);
  EXPECT_TRUE(happens("10.77.9.1 8"));
}

TEST_F(ClaimExchangeTest, TheLowerOneIsShownWhyNot) {
  showAs(6);
  EXPECT_EQ(shown(), (protocol::VipClaim{kOurVip, 7, "dev1"}));
  EXPECT_TRUE(happens("defended 10.77.9.1"));
}

TEST_F(ClaimExchangeTest, ItsOwnClaimShownByAnotherChangesNothing) {
  show(signedBy(controller, kOurVip, 7, "dev1"));
  expectNothingChanged();
}

TEST_F(ClaimExchangeTest, WhatNoControllerSignedChangesNothing) {
  const auto stranger = handOf(TestCa(elsewhere.path()), tls::kControllerUri);
  show(signedBy(stranger, kOurVip, 8, "dev2"));
  show(signedBy(handOf(ca, tls::deviceUri("dev2")), kOurVip, 8, "dev2"));
  show(*controller.sign("libra-seal/1 answer"));
  show("garbage");
  expectNothingChanged();
}

TEST_F(ClaimExchangeTest, AVipThatIsNotItsOwnIsNoConcern) {
  show(signedBy(controller, *NetAddress::parse("10.77.9.2"), 8, "dev2"));
  expectNothingChanged();
}

TEST_F(ClaimExchangeTest, WhoSaysThatItHasTheVipIsShownTheClaimAndNothingElseFollows) {
  ASSERT_TRUE(arp->send(gratuitousArp(kOurVip, mac, true)));
  EXPECT_EQ(shown(), (protocol::VipClaim{kOurVip, 7, "dev1"}));
  EXPECT_THAT(events(), IsEmpty()) << "raw ARP is forged by anybody";
}

TEST_F(ClaimExchangeTest, SoIsWhoIsAboutToTakeIt) {
  hold(kOurV6, 9);
  ASSERT_TRUE(arp->send(addressQuestion(kOurV6, mac)));
  EXPECT_EQ(shown(), (protocol::VipClaim{kOurV6, 9, "dev1"}));
}

// Else the talk of a whole network would wake each device up.
TEST_F(ClaimExchangeTest, ASocketHearsOnlyOfTheAddressesItIsSetTo) {
  const auto other = *NetAddress::parse("10.77.9.2"), other_v6 = *NetAddress::parse("fd77::9:2");
  std::optional<PacketSocket> of_v4, of_v6;
  cable.device.run([&] {
    of_v4.emplace(open(PacketSocket::Hears::Arp));
    of_v6.emplace(open(PacketSocket::Hears::NeighbourDiscovery));
    EXPECT_TRUE(of_v4->hearOnly({kOurVip, kOurV6}));
    EXPECT_TRUE(of_v6->hearOnly({kOurVip, kOurV6}));
  });
  auto whereIsIt = addressQuestion(kOurVip, mac);
  whereIsIt.replace(28, 4, {10, 77, 0, 9});  // an ordinary one has a sender
  for (const auto& frame :
       {gratuitousArp(other, mac, true), gratuitousArp(other, mac, false), addressQuestion(other, mac), whereIsIt,
        addressQuestion(kOurVip, mac), gratuitousArp(kOurVip, mac, false)})
    ASSERT_TRUE(arp->send(frame));
  for (const auto& frame : {unsolicitedAdvertisement(other_v6, mac), addressQuestion(other_v6, mac),
                            addressQuestion(kOurV6, mac), unsolicitedAdvertisement(kOurV6, mac)})
    ASSERT_TRUE(arp->send(frame));
  EXPECT_EQ(of_v4->receive(Millis(5000)), addressQuestion(kOurVip, mac));
  EXPECT_EQ(of_v4->receive(Millis(5000)), gratuitousArp(kOurVip, mac, false));
  EXPECT_EQ(of_v6->receive(Millis(5000)), addressQuestion(kOurV6, mac));
  EXPECT_EQ(of_v6->receive(Millis(5000)), unsolicitedAdvertisement(kOurV6, mac));
}

TEST_F(ClaimExchangeTest, AFloodOfForgedAnnouncementsIsAnsweredOnce) {
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(arp->send(gratuitousArp(kOurVip, mac, true)));
  EXPECT_TRUE(shown());
  EXPECT_FALSE(shown(Millis(100)));
  expectNothingChanged();
}

TEST_F(ClaimExchangeTest, AfterItsLinkWasLostItAsksForItsVips) {
  exchange->hold({{kOurVip, 24, 7, {}}, {kOurV6, 64, 7, {}}});
  for (const char* state : {"down", "up"})
    cable.peer.run([&] { ASSERT_EQ(std::system((std::string("ip link set eth0 ") + state).c_str()), 0); });
  listen();  // the sockets of before have failed
  EXPECT_TRUE(asksFor(kOurVip, *arp));
  EXPECT_TRUE(asksFor(kOurV6, *discovery));
}

TEST_F(ClaimExchangeTest, WithoutAClaimThereIsNothingToShow) {
  exchange->hold({{kOurVip, 24, 7, {}}});
  settle();
  ASSERT_TRUE(arp->send(gratuitousArp(kOurVip, mac, true)));
  showAs(8);
  EXPECT_TRUE(happens("10.77.9.1 8")) << "it is judged all the same";
  EXPECT_FALSE(shown(Millis(0)));
}

}  // namespace
}  // namespace libra::sidecar
