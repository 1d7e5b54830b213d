#include "sidecar/state_file.h"

#include <gtest/gtest.h>

#include "tests/support/random_state.h"
#include "tests/support/temp_dir.h"

namespace libra::sidecar {
namespace {

Stored someState(std::uint64_t seed) {
  Stored stored{test::RandomState(seed).device(), seed % 2 == 0, {}};
  stored.vips.want(stored.state.virtual_ips, {});
  return stored;
}

TEST(StateFile, AMissingFileIsANewDevice) {
  const test::TempDir folder;
  const auto stored = StateFile(folder / "state").read();
  ASSERT_TRUE(stored);
  EXPECT_TRUE(stored->deleted);
  EXPECT_EQ(*stored, Stored{});
}

TEST(StateFile, WhatIsWrittenIsReadBack) {
  const test::TempDir folder;
  StateFile file(folder / "state");
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto stored = someState(seed);
    ASSERT_TRUE(file.write(stored));
    const auto read = file.read();
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(*read, stored);
  }
}

TEST(StateFile, WhatIsNoStateIsAnErrorAndIsReplacedByTheNextState) {
  const test::TempDir folder;
  StateFile file(folder / "state");
  for (const char* other : {"", "{", "[]", R"({"loadBalancers":[],"vipLedger":[{"address":"x"}]})"}) {
    TwinFile twin(folder / "state");
    ASSERT_TRUE(twin.read());
    ASSERT_TRUE(twin.write(other));
    EXPECT_FALSE(file.read()) << other;
  }
  ASSERT_TRUE(file.write(someState(1)));
  EXPECT_EQ(*file.read(), someState(1));
}

}  // namespace
}  // namespace libra::sidecar
