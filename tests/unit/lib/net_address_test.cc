#include "lib/base/net_address.h"

#include <gtest/gtest.h>

#include <map>

namespace libra {
namespace {

TEST(NetAddresses, AreWrittenCanonically) {
  const std::map<std::string, std::string> rows = {
      {"0.0.0.0", "0.0.0.0"}, {"255.255.255.255", "255.255.255.255"},  {"::", "::"},
      {"::1", "::1"},         {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"}, {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"::1:2", "::1:2"},     {"::ffff:10.0.0.1", "::ffff:10.0.0.1"},  {"fe80::0001", "fe80::1"},
  };
  for (const auto& [text, canonical] : rows) {
    const auto address = NetAddress::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->str(), canonical);
    EXPECT_EQ(address->isV6(), text.find(':') != text.npos);
    EXPECT_EQ(NetAddress::parse(canonical), address);
  }
}

TEST(NetAddresses, AreNothingElse) {
  for (const std::string text : {"", " 1.2.3.4", "1.2.3.4 ", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "0x1.2.3.4",
                                 "1.2.3.4:80", "localhost", "[::1]", "::1%eth0", ":::", "1::2::3",
                                 "12345::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "-1.2.3.4"})
    EXPECT_FALSE(NetAddress::parse(text)) << text;
  EXPECT_FALSE(NetAddress::parse(std::string("1.2.3.4\0", 8)));
  EXPECT_FALSE(NetAddress::parse(std::string(1000, '1')));
}

TEST(NetAddresses, OfIpv4AreNumbersToo) {
  EXPECT_EQ(NetAddress::fromV4(0x0A4D0901).str(), "10.77.9.1");
  EXPECT_EQ(NetAddress::parse("10.77.9.1")->v4(), 0x0A4D0901u);
  EXPECT_LT(*NetAddress::parse("9.255.255.255"), *NetAddress::parse("10.0.0.0"));
}

TEST(NetRanges, HoldTheirAddresses) {
  struct Row {
    const char *range, *address;
    bool inside;
  };
  const Row rows[] = {
      {"10.77.9.0/24", "10.77.9.0", true},
      {"10.77.9.0/24", "10.77.9.255", true},
      {"10.77.9.0/24", "10.77.10.0", false},
      {"10.77.9.0/24", "10.77.8.255", false},
      {"10.77.9.128/25", "10.77.9.127", false},
      {"0.0.0.0/0", "255.1.2.3", true},
      {"10.0.0.1/32", "10.0.0.1", true},
      {"10.0.0.1/32", "10.0.0.0", false},
      {"fd77::/64", "fd77::ffff", true},
      {"fd77::/64", "fd77:0:0:1::", false},
      {"::/0", "10.0.0.1", false},
      {"0.0.0.0/0", "::1", false},
  };
  for (const Row& row : rows) {
    const auto range = NetRange::parse(row.range);
    ASSERT_TRUE(range) << row.range;
    EXPECT_EQ(range->contains(*NetAddress::parse(row.address)), row.inside) << row.range << ' ' << row.address;
  }
}

TEST(NetRanges, AreRefusedWhenTheFormIsWrong) {
  for (const char* text : {"", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "fd77::/129", "10.0.0.1/24", "10.0.0.0/-1",
                           "10.0.0.0/08", "10.0.0.0/8x", "10.0.0.0/ 8", "/8", "x/8", "fd77::1/64"})
    EXPECT_FALSE(NetRange::parse(text)) << text;
}

}  // namespace
}  // namespace libra
