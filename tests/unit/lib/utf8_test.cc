#include "lib/base/utf8.h"

#include <gtest/gtest.h>

namespace libra {
namespace {

TEST(Utf8, OfEachLengthIsKnown) {
  struct Row {
    const char* text;
    std::size_t length;
  };
  const Row rows[] = {
      {"a", 1},
      {"\x7f", 1},
      {"\xc2\x80", 2},
      {"ü!", 2},
      {"\xe0\xa0\x80", 3},
      {"€uro", 3},
      {"\xed\x9f\xbf", 3},
      {"\xf0\x90\x80\x80", 4},
      {"\xf4\x8f\xbf\xbf", 4},
  };
  for (const Row& row : rows) EXPECT_EQ(utf8SequenceLength(row.text), row.length) << row.text;
}

TEST(Utf8, IsRefusedWhenMalformed) {
  const char* const rows[] = {
      "",                  // nothing
      "\x80",              // a continuation alone
      "\xc0\xaf",          // overlong '/'
      "\xc1\xbf",          // overlong
      "\xe0\x9f\xbf",      // overlong
      "\xf0\x8f\xbf\xbf",  // overlong
      "\xed\xa0\x80",      // a surrogate
      "\xf4\x90\x80\x80",  // beyond U+10FFFF
      "\xf5\x80\x80\x80",  // beyond
      "\xff",              // no lead byte
      "\xe2\x82",          // cut off
      "\xe2\x82z",         // broken off
  };
  for (const char* text : rows) EXPECT_EQ(utf8SequenceLength(text), 0u) << testing::PrintToString(text);
  EXPECT_FALSE(isUtf8("good \xe2\x82"));
  EXPECT_TRUE(isUtf8("good €"));
  EXPECT_TRUE(isUtf8(""));
}

TEST(Utf8, IsRepairedByteByByte) {
  EXPECT_EQ(repairUtf8("plain €"), "plain €");
  EXPECT_EQ(repairUtf8("a\xffz"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(repairUtf8("\xe2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_TRUE(isUtf8(repairUtf8(all)));
}

}  // namespace
}  // namespace libra
