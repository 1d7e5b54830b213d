#include <gtest/gtest.h>

#include "lib/base/net_address.h"

namespace libra {
namespace {

std::string at(const char* range, std::uint64_t index) { return NetRange::parse(range)->at(index).str(); }

TEST(NetRange, CountsItsAddresses) {
  EXPECT_EQ(NetRange::parse("10.0.0.1/32")->size(), 1u);
  EXPECT_EQ(NetRange::parse("10.0.0.0/24")->size(), 256u);
  EXPECT_EQ(NetRange::parse("0.0.0.0/0")->size(), 1ull << 32);
  EXPECT_EQ(NetRange::parse("fd77::/64")->size(), 1ull << 63);
}

TEST(NetRange, GivesAnAddressByIndex) {
  EXPECT_EQ(at("10.77.2.0/24", 0), "10.77.2.0");
  EXPECT_EQ(at("10.77.2.0/24", 5), "10.77.2.5");
  EXPECT_EQ(at("10.77.2.0/23", 256 + 7), "10.77.3.7");
  EXPECT_EQ(at("10.0.0.0/8", (1u << 24) - 1), "10.255.255.255");
  EXPECT_EQ(at("fd77::2:0/112", 255), "fd77::2:ff");
  EXPECT_EQ(at("fd77::2:0/112", 4096), "fd77::2:1000");
  EXPECT_EQ(at("fd77::/64", 1ull << 62), "fd77::4000:0:0:0");
}

}  // namespace
}  // namespace libra
