#include "lib/regex/pattern.h"

#include <gtest/gtest.h>

namespace libra {
namespace {

TEST(Pattern, IsFoundAnywhereUnlessAnchored) {
  struct {
    const char *expression, *text;
    bool found;
  } cases[] = {
      {"20", "status 200", true},     {"^20", "status 200", false}, {"^[23]\\d\\d$", "302", true},
      {"^[23]\\d\\d$", "404", false}, {"", "anything", true},       {"a.c", "a\nc", false},
      {"(?i)HELLO", "hello", true},   {"\\xff", "\xff", true},      {"o{2,3}$", "fooo", true},
  };
  for (const auto& c : cases) {
    const auto pattern = Pattern::compile(c.expression);
    ASSERT_TRUE(pattern) << c.expression;
    EXPECT_EQ(pattern->foundIn(c.text), c.found) << c.expression << " in " << c.text;
  }
}

TEST(Pattern, WhatIsNoneIsRefusedWithTheReason) {
  const std::string bad[] = {"(",
                             "[a",
                             "a**",
                             "(a)\\1",
                             "(?=a)",
                             "\\",
                             std::string(Pattern::kLongest + 1, 'a'),
                             "((((a{1000}){1000}){1000}){1000})"};
  for (const auto& expression : bad) {
    const auto pattern = Pattern::compile(expression);
    ASSERT_FALSE(pattern) << expression;
    EXPECT_EQ(pattern.error().code, ErrorCode::Invalid);
    EXPECT_NE(pattern.error().message.find("The regular expression is"), std::string::npos);
  }
}

TEST(Pattern, AnExpressionThatBacktrackersDieOnTakesLinearTimeAndLittleStack) {
  const auto pattern = Pattern::compile("^(a+)+(b|c*)*$");
  ASSERT_TRUE(pattern);
  std::string text(64 << 10, 'a');
  text.back() = '!';
  EXPECT_FALSE(pattern->foundIn(text));
}

}  // namespace
}  // namespace libra
