#include "sidecar/vip/frames.h"

#include <gtest/gtest.h>

namespace libra::sidecar {
namespace {

constexpr MacAddress kMac{2, 0, 0, 0, 0, 1};
const NetAddress kV4 = *NetAddress::parse("10.77.9.1"), kV6 = *NetAddress::parse("fd77::9:1");

TEST(Frames, WhoAnnouncesClaims) {
  for (const bool reply : {false, true})
    EXPECT_EQ(readClaim(gratuitousArp(kV4, kMac, reply)), (AddressClaim{kV4, kMac})) << reply;
  EXPECT_EQ(readClaim(unsolicitedAdvertisement(kV6, kMac)), (AddressClaim{kV6, kMac}));
}

TEST(Frames, WhoAsksIsAboutToTake) {
  for (const auto& address : {kV4, kV6})
    EXPECT_EQ(readClaim(addressQuestion(address, kMac)), (AddressClaim{address, kMac})) << address.str();
}

TEST(Frames, AQuestionClaimsNothingToWhoeverLearnsFromIt) {
  EXPECT_EQ(addressQuestion(kV4, kMac).substr(28, 4), std::string(4, '\0')) << "RFC 5227: no sender address";
  EXPECT_EQ(addressQuestion(kV6, kMac).substr(22, 16), std::string(16, '\0')) << "RFC 4862: no source address";
  EXPECT_EQ(addressQuestion(kV6, kMac).size(), 14 + 40 + 24u) << "and no link-layer address";
}

TEST(Frames, OneThatIsCutShortClaimsNothing) {
  for (const auto& whole : {gratuitousArp(kV4, kMac, true), addressQuestion(kV4, kMac), addressQuestion(kV6, kMac)})
    for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(readClaim(whole.substr(0, size))) << size;
}

TEST(Frames, ASignedClaimArrivesAsItWasSent) {
  const SignedClaim claim{kMac, std::string("signed\0bytes", 12)};
  const auto frame = signedClaimFrame(claim, {2, 0, 0, 0, 0, 2});
  EXPECT_EQ(readSignedClaim(frame), claim);
  EXPECT_EQ(readSignedClaim(frame + std::string(40, '\0')), claim) << "short frames are filled up";
  EXPECT_FALSE(readClaim(frame));
  for (std::size_t size = 0; size < frame.size(); ++size) EXPECT_FALSE(readSignedClaim(frame.substr(0, size))) << size;
}

TEST(Frames, NoOtherFrameIsASignedClaim) {
  EXPECT_FALSE(readSignedClaim(gratuitousArp(kV4, kMac, true)));
  EXPECT_FALSE(readSignedClaim(signedClaimFrame({kMac, ""}, kMac)));
  const std::string longest(kLongestSignedClaim, 'x');
  EXPECT_TRUE(readSignedClaim(signedClaimFrame({kMac, longest}, kMac)));
  EXPECT_FALSE(readSignedClaim(signedClaimFrame({kMac, longest + "x"}, kMac)));
}

TEST(Frames, WhatIsNoneOfThemClaimsNothing) {
  const auto with = [](std::string frame, std::size_t at, unsigned value) {
    frame[at] = static_cast<char>(value);
    return frame;
  };
  const auto arp = gratuitousArp(kV4, kMac, true), probe = addressQuestion(kV4, kMac);
  EXPECT_FALSE(readClaim(with(arp, 13, 0))) << "IPv4";
  EXPECT_FALSE(readClaim(with(arp, 15, 6))) << "no Ethernet";
  EXPECT_FALSE(readClaim(with(arp, 18, 8))) << "other addresses";
  EXPECT_FALSE(readClaim(with(arp, 21, 3))) << "reverse ARP";
  EXPECT_FALSE(readClaim(with(probe, 21, 2))) << "a reply of nobody";
  const auto asked = addressQuestion(kV6, kMac);
  EXPECT_FALSE(readClaim(with(asked, 21, 254))) << "came over a router";
  EXPECT_FALSE(readClaim(with(asked, 20, 17))) << "UDP";
  EXPECT_FALSE(readClaim(with(asked, 54, 133))) << "for a router";
  EXPECT_FALSE(readClaim(with(asked, 22, 0xfd))) << "asks for a neighbour to talk to";
}

}  // namespace
}  // namespace libra::sidecar
