#include "lib/tls/expiry.h"

#include <gtest/gtest.h>

#include <fstream>

#include "lib/tls/authority.h"
#include "tests/support/temp_dir.h"

namespace libra::tls {
namespace {

TEST(TlsExpiry, IsThatOfTheFirstCertificate) {
  const test::TempDir dir;
  const auto validity = validFor(std::chrono::floor<std::chrono::seconds>(SystemClock().now()), 30);
  const auto authority = createAuthority("test", validity);
  ASSERT_TRUE(authority);
  const auto files = writeIdentity(dir.path(), "a", *authority);
  ASSERT_TRUE(files);
  const auto end = expiryOf(files->certificate);
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(*end, validity.until);
}

TEST(TlsExpiry, AFileWithoutOneIsNamed) {
  const test::TempDir dir;
  std::ofstream(dir / "text") << "nothing";
  for (const auto& file : {dir / "text", dir / "absent"}) {
    const auto end = expiryOf(file);
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().message.rfind(file + ": ", 0), 0u) << end.error().message;
  }
}

}  // namespace
}  // namespace libra::tls
