#include "lib/config/toml_text.h"

#include <gtest/gtest.h>

#include "lib/config/toml.h"

namespace libra::config {
namespace {

TEST(TomlText, WhateverIsWrittenIsReadBackAndAddsNoKey) {
  const std::vector<std::string> texts{"", "a b", "\"", "\\", "x\"\ny = \"z", "\t\x01\x7f", "m\xc3\xbcller"};
  for (const auto& text : texts) {
    auto file = File::parse("f.toml", "key = " + tomlText(text) + "\nlist = " + tomlList({text, text}) + "\n");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->top().text("key"), text);
    EXPECT_EQ(file->top().texts("list"), (std::vector<std::string>{text, text}));
    EXPECT_FALSE(file->top().has("y"));
  }
}

TEST(TomlText, AnEmptyListIsOne) { EXPECT_EQ(tomlList({}), "[]"); }

}  // namespace
}  // namespace libra::config
