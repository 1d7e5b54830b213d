#include "lib/base/ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace libra {
namespace {

using testing::MatchesRegex;

TEST(Ids, RandomHexHasTwoDigitsPerByte) {
  for (const std::size_t bytes : {0, 1, 8, 64, 65, 200})
    EXPECT_THAT(randomHex(bytes), MatchesRegex("[0-9a-f]{" + std::to_string(2 * bytes) + "}"));
}

TEST(Ids, HaveTheirForms) {
  EXPECT_THAT(newRequestId(), MatchesRegex("req-[0-9a-f]{16}"));
  EXPECT_THAT(newUuid(), MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
}

TEST(Ids, DoNotRepeat) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    seen.insert(newRequestId());
    seen.insert(newUuid());
  }
  EXPECT_EQ(seen.size(), 2000u);
}

}  // namespace
}  // namespace libra
