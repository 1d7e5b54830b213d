#include "sidecar/haproxy/words.h"

#include <gtest/gtest.h>

namespace libra::sidecar::haproxy {
namespace {

TEST(Words, AnIdIsAFewPlainCharacters) {
  for (const char* id : {"1", "501", "a1B2-c3", "550e8400-e29b-41d4-a716-446655440000"}) EXPECT_TRUE(isId(id)) << id;
  for (const std::string id : {"", "a b", "a;b", "a/b", "a\nb", "ü", "%[src]", "a.b"}) EXPECT_FALSE(isId(id)) << id;
  EXPECT_FALSE(isId(std::string(65, 'a')));
  EXPECT_FALSE(isId(std::string("1\0", 2)));
}

TEST(Words, APathKeepsWhatTheApiKeepsAndEncodesTheRest) {
  EXPECT_EQ(urlPath("/a-b_c.d/~+*,;:!$'[]()?&=#%"), "/a-b_c.d/~+*,;:!$'[]()?&=#%");
  EXPECT_EQ(urlPath("/a b|c\"d\\e\nf\xc3\xbc\x7f"), "/a%20b%7Cc%22d%5Ce%0Af%C3%BC%7F");
  EXPECT_EQ(urlPath(std::string("/\0", 2)), "/%00");
  EXPECT_EQ(urlPath(urlPath("/a b")), "/a%20b");
}

TEST(Words, ACommandWordCannotEndItsWordItsCommandOrItsLine) {
  EXPECT_EQ(commandWord("s1|/a;b c\\d"), "s1|/a\\;b\\ c\\\\d");
  for (const std::string& text : {std::string(), std::string("a\nb"), std::string("a\0b", 3), std::string("\x7f"),
                                  std::string("ü"), std::string("a<<"), std::string(kLongestCommand + 1, 'a')})
    EXPECT_EQ(commandWord(text), std::nullopt);
}

TEST(Words, AnEndpointReadsBackAsItWasWritten) {
  for (const char* text : {"10.0.0.1:80", "[fd77::1]:65535", "[::1]:1"}) {
    const auto read = readEndpoint(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(endpoint(read->address, read->port), text);
  }
  for (const char* text :
       {"", ":80", "10.0.0.1", "10.0.0.1:", "10.0.0.1:65536", "10.0.0.1:-1", "host:80", "10.0.0.1:8a"})
    EXPECT_FALSE(readEndpoint(text)) << text;
}

TEST(Words, APlainPathIsShortAndNoOption) {
  for (const std::string path : {"/run/libra/haproxy-1.sock", "haproxy/stats.sock"})
    EXPECT_TRUE(isPlainPath(path)) << path;
  for (const std::string path : {"", "-x", "/a b", "/a\"b", "/a%[src]", "/a\n"})
    EXPECT_FALSE(isPlainPath(path)) << path;
  EXPECT_FALSE(isPlainPath("/" + std::string(100, 'a')));
}

}  // namespace
}  // namespace libra::sidecar::haproxy
