#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/http/message.h"

namespace libra::http {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(PercentDecoding, Table) {
  struct Row {
    const char* text;
    bool plus_is_space;
    std::optional<std::string> decoded;
  };
  const Row rows[] = {
      {"", false, ""},
      {"plain", false, "plain"},
      {"a%20b", false, "a b"},
      {"%41%4a%4A", false, "AJJ"},
      {"a+b", false, "a+b"},
      {"a+b", true, "a b"},
      {"%2B", true, "+"},
      {"%", false, std::nullopt},
      {"%4", false, std::nullopt},
      {"%4g", false, std::nullopt},
      {"%%41", false, std::nullopt},
      {"%00", false, std::string(1, '\0')},
      {"%ff", false, "\xff"},
      {"%-1", false, std::nullopt},
  };
  for (const Row& row : rows) EXPECT_EQ(percentDecode(row.text, row.plus_is_space), row.decoded) << row.text;
}

TEST(PercentEncoding, IsUndoneByDecoding) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(percentDecode(percentEncode(all)), all);
  EXPECT_EQ(percentEncode("a-b.c_d~/ü"), "a-b.c_d~%2F%C3%BC");
}

TEST(HeadersOfAMessage, AreFoundWithoutRegardToCase) {
  Headers headers{{"Content-Type", "a"}, {"X-Many", "1"}, {"x-many", "2"}};
  EXPECT_EQ(headers.get("content-type"), "a");
  EXPECT_EQ(headers.get("X-MANY"), "1");
  EXPECT_EQ(headers.get("none"), "");
  EXPECT_EQ(headers.find("none"), nullptr);
  headers.set("X-MANY", "3");
  EXPECT_THAT(Headers::List(headers.begin(), headers.end()),
              ElementsAre(Pair("Content-Type", "a"), Pair("X-MANY", "3")));
}

TEST(QueryOfARequest, IsReadInItsOrder) {
  Request request;
  request.query = "a=1&b=x+y%2Bz&&flag&a=2&=v&bad=%zz&e=1=2";
  EXPECT_THAT(request.parameters(), ElementsAre(Pair("a", "1"), Pair("b", "x y+z"), Pair("flag", ""), Pair("a", "2"),
                                                Pair("", "v"), Pair("bad", "%zz"), Pair("e", "1=2")));
  EXPECT_EQ(request.parameter("a"), "1");
  EXPECT_EQ(request.parameter("c"), std::nullopt);
}

TEST(TextOfAHeader, CannotBreakOutOfItsLine) {
  EXPECT_TRUE(isToken("X-Request-Id"));
  for (const char* text : {"", "a b", "a:", "a\r", "ü"}) EXPECT_FALSE(isToken(text)) << text;
  EXPECT_FALSE(isToken(std::string_view("a\0b", 3)));
  EXPECT_TRUE(isFieldValue("text with\ttab and ü"));
  for (const char* text : {"a\r\nb: c", "\n", "\x7f"}) EXPECT_FALSE(isFieldValue(text)) << text;
  EXPECT_FALSE(isFieldValue(std::string_view("\0", 1)));
}

}  // namespace
}  // namespace libra::http
