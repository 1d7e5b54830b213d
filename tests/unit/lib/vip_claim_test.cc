#include "lib/protocol/vip_claim.h"

#include <gtest/gtest.h>

#include "lib/seal/base64.h"

namespace libra::protocol {
namespace {

TEST(VipClaim, IsReadAsItWasWritten) {
  for (const char* address : {"10.77.9.1", "fd77::9:1"}) {
    const VipClaim claim{*NetAddress::parse(address), 7, "lb-3"};
    EXPECT_EQ(readVipClaim(writeVipClaim(claim)), claim);
  }
}

TEST(VipClaim, NothingElseIsOne) {
  const auto claim = [](const std::string& kind, const std::string& address, const std::string& epoch,
                        const std::string& device) {
    return readVipClaim(R"({"claim":")" + kind + R"(","address":")" + address + R"(","epoch":)" + epoch +
                        R"(,"device":")" + device + "\"}");
  };
  EXPECT_TRUE(claim("libra-vip/1", "10.77.9.1", "7", "lb-3"));
  EXPECT_FALSE(claim("libra-vip/2", "10.77.9.1", "7", "lb-3"));
  EXPECT_FALSE(claim("libra-vip/1", "10.77.9.300", "7", "lb-3"));
  EXPECT_FALSE(claim("libra-vip/1", "10.77.9.1", "-7", "lb-3"));
  EXPECT_FALSE(claim("libra-vip/1", "10.77.9.1", "\"7\"", "lb-3"));
  EXPECT_FALSE(claim("libra-vip/1", "10.77.9.1", "99999999999999999999", "lb-3"));
  EXPECT_FALSE(claim("libra-vip/1", "10.77.9.1", "7", "../lb"));
  for (const char* text : {"", "{}", "[]", "libra-seal/1 question", "{\"claim\":\"libra-vip/1\"}"})
    EXPECT_FALSE(readVipClaim(text)) << text;
}

TEST(Base64, IsReadAsItWasWritten) {
  for (const std::string& bytes : {std::string(), std::string("a"), std::string("ab"), std::string("abc"),
                                   std::string("\0\xFF\0", 3), std::string(1000, '\xFE')})
    EXPECT_EQ(seal::fromBase64(seal::toBase64(bytes)), bytes) << bytes.size();
  EXPECT_EQ(seal::toBase64("libra"), "bGlicmE=");
}

TEST(Base64, NothingElseIsAny) {
  for (const char* text : {"a", "ab", "abc", "a===", "====", "ab=c", " bGlicmE=", "bGlicmE=\n", "bGl!cmE=", "-_-_"})
    EXPECT_FALSE(seal::fromBase64(text)) << text;
}

}  // namespace
}  // namespace libra::protocol
