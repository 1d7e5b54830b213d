#include "lib/base/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/temp_dir.h"

namespace libra {
namespace {

TEST(Files, WhatIsWrittenIsReadBack) {
  const test::TempDir dir;
  const std::string content("line\n\0binary\xff", 13);
  ASSERT_TRUE(replaceFile(dir / "f", content));
  const auto read = readFile(dir / "f");
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, content);
}

TEST(Files, ReplacingLeavesOneFileOfTheNewContentAndMode) {
  const test::TempDir dir;
  ASSERT_TRUE(replaceFile(dir / "f", "old and longer"));
  ASSERT_TRUE(replaceFile(dir / "f", "new", 0600));
  EXPECT_EQ(*readFile(dir / "f"), "new");
  struct stat status {};
  ASSERT_EQ(::stat((dir / "f").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 1);
}

TEST(Files, AFailedReplacementLeavesNothingBehind) {
  const test::TempDir dir;
  std::filesystem::create_directories(dir / "f/below");
  const auto status = replaceFile(dir / "f", "x");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Internal);
  EXPECT_NE(status.error().message.find(dir / "f"), std::string::npos);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 1);
}

TEST(Files, ReadingTellsWhatIsWrong) {
  const test::TempDir dir;
  ASSERT_TRUE(replaceFile(dir / "f", "12345"));
  EXPECT_TRUE(readFile(dir / "f", 5));
  EXPECT_FALSE(readFile(dir / "f", 4));
  const auto missing = readFile(dir / "none");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, (dir / "none") + ": No such file or directory");
}

}  // namespace
}  // namespace libra
