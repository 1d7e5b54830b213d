#include <gtest/gtest.h>

#include "lib/tls/digest.h"

namespace libra::tls {
namespace {

TEST(Digest, IsThatOfFips180) {
  EXPECT_EQ(sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, ComparesWholeTexts) {
  EXPECT_TRUE(equalInConstantTime("", ""));
  EXPECT_TRUE(equalInConstantTime("secret", "secret"));
  EXPECT_FALSE(equalInConstantTime("secret", "secreT"));
  EXPECT_FALSE(equalInConstantTime("secret", "secre"));
}

}  // namespace
}  // namespace libra::tls
