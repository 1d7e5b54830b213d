#include <gtest/gtest.h>

#include "lib/heartbeat/beat.h"
#include "lib/heartbeat/freshness.h"
#include "lib/heartbeat/notice.h"

namespace libra::heartbeat {
namespace {

using std::chrono::microseconds;
using Verdict = Freshness::Verdict;

Key keyOf(std::uint8_t first) {
  Secret secret{};
  secret[0] = first;
  return Key(secret);
}

Beat aBeat() {
  Beat beat;
  beat.session = 0xfedcba9876543210;
  beat.sequence = 7;
  beat.boot = 99;
  beat.sent = microseconds(123'456'789);
  beat.generation = 42;
  beat.proxy_alive = true;
  beat.serving = true;
  beat.vips = 2;
  return beat;
}

TEST(Beat, IsReadAsItWasSealed) {
  auto key = keyOf(1);
  const auto bytes = seal(aBeat(), key);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(sessionOf(*bytes), aBeat().session);
  EXPECT_EQ(open(*bytes, key), aBeat());
  EXPECT_EQ(open(*bytes, key), aBeat()) << "a key serves many datagrams";
}

TEST(Beat, OfAnotherKeyIsRefused) {
  auto key = keyOf(1), other = keyOf(2);
  EXPECT_EQ(open(*seal(aBeat(), other), key), std::nullopt);
}

TEST(Beat, IsRefusedWhicheverBitWasChanged) {
  auto key = keyOf(1);
  const auto bytes = *seal(aBeat(), key);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto changed = bytes;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_EQ(open(changed, key), std::nullopt) << "bit " << bit;
  }
}

TEST(Beat, OfAnotherLengthIsRefused) {
  auto key = keyOf(1);
  const auto sealed = *seal(aBeat(), key);
  std::vector<std::uint8_t> bytes(sealed.begin(), sealed.end());
  bytes.push_back(0);
  for (const std::size_t size : {0u, 1u, 3u, 47u, 63u, 65u})
    EXPECT_EQ(open(Bytes(bytes).first(size), key), std::nullopt) << size << " bytes";
}

TEST(Beat, WithAKindWeDoNotSendIsRefusedThoughAuthentic) {
  auto key = keyOf(1);
  auto beat = aBeat();
  beat.kind = static_cast<Beat::Kind>(3);
  EXPECT_EQ(open(*seal(beat, key), key), std::nullopt);
}

class FreshnessTest : public ::testing::Test {
 protected:
  Verdict judge(std::uint64_t sequence, int sent_ms, int arrived_ms) {
    return freshness.judge(sequence, std::chrono::milliseconds(sent_ms),
                           Instant(std::chrono::milliseconds(arrived_ms)));
  }
  Freshness freshness{std::chrono::milliseconds(100)};
};

TEST_F(FreshnessTest, NothingCountsTwiceAndNothingBehindANewerOne) {
  EXPECT_EQ(judge(5, 0, 1000), Verdict::Fresh);
  EXPECT_EQ(judge(5, 0, 1001), Verdict::Replayed);
  EXPECT_EQ(judge(4, 50, 1050), Verdict::Replayed);
  EXPECT_EQ(judge(6, 100, 1100), Verdict::Fresh);
}

TEST_F(FreshnessTest, WhatLayOnTheWayIsLate) {
  EXPECT_EQ(judge(1, 0, 1000), Verdict::Fresh);
  EXPECT_EQ(judge(2, 50, 1149), Verdict::Fresh);
  EXPECT_EQ(judge(3, 100, 1250), Verdict::Late);
  EXPECT_EQ(freshness.delay() / std::chrono::milliseconds(1), 149);
}

TEST_F(FreshnessTest, ClocksMayDrift) {
  EXPECT_EQ(judge(1, 0, 1000), Verdict::Fresh);
  for (int i = 1; i < 10'000; ++i) ASSERT_EQ(judge(i + 1, i * 1000, 1000 + i * 1000 + i / 2), Verdict::Fresh) << i;
}

TEST_F(FreshnessTest, ASenderMaySayAnyTime) {
  EXPECT_EQ(freshness.judge(1, microseconds::max(), Instant()), Verdict::Fresh);
  EXPECT_EQ(freshness.judge(2, microseconds(0), Instant()), Verdict::Late);
}

TEST(Notice, IsReadAsItWasWritten) {
  const HeldVip v4{*NetAddress::parse("10.77.9.1"), 3}, v6{*NetAddress::parse("fd77::9"), 1ULL << 63};
  for (const Notice& notice :
       {Notice(Hello{77}), Notice(Holds{}), Notice(Holds{{v4, v6}}), Notice(ProxyLost{}),
        Notice(Watching{~0ULL, std::chrono::milliseconds(20)}), Notice(Checked{}), Notice(Drop{v6})})
    EXPECT_EQ(readNotice(write(notice)), notice) << write(notice);
}

TEST(Notice, AnythingElseIsRefused) {
  std::string many = "holds";
  for (std::size_t i = 0; i <= kMostVips; ++i) many += " 10.0.0.1/1";
  for (const std::string& line :
       {std::string(), std::string("hello"), std::string("hello x"), std::string("hello 1 2"), std::string("hello -1"),
        std::string("holds "), std::string("holds 10.0.0.1"), std::string("holds 10.0.0.1/"), std::string("holds x/1"),
        std::string("watching 1 0"), std::string("watching 1 60001"), std::string("drop"),
        std::string("drop 10.0.0.1/1 "), std::string("proxy-lost now"), std::string("checked\r"),
        std::string(kLongestNotice + 1, ' '), many, std::string("hello 99999999999999999999999")})
    EXPECT_EQ(readNotice(line), std::nullopt) << line;
}

}  // namespace
}  // namespace libra::heartbeat
