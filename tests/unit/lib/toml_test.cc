#include "lib/config/toml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace libra::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

File parsed(std::string_view content) {
  auto file = File::parse("f.toml", content);
  EXPECT_TRUE(file) << file.error().message;
  return *std::move(file);
}

TEST(Toml, ReadsEachTypeOfValue) {
  auto file = parsed(
      "name = \"a\"\n[api]\nlisten = \"127.0.0.1:1\"\nworkers = 4\nopen = true\nservers = [\"a\", \"b\"]\nports = [80, "
      "443]\n");
  EXPECT_EQ(file.top().needText("name"), "a");
  auto api = file.section("api");
  EXPECT_TRUE(api.present());
  EXPECT_EQ(api.text("listen"), "127.0.0.1:1");
  EXPECT_EQ(api.integer("workers", 8, 1, 16), 4);
  EXPECT_TRUE(api.flag("open"));
  EXPECT_THAT(api.texts("servers"), ElementsAre("a", "b"));
  EXPECT_THAT(api.integers("ports", {}, 1, 65535), ElementsAre(80, 443));
  EXPECT_TRUE(file.finish());
}

TEST(Toml, GivesTheFallbackForWhatIsMissing) {
  auto file = parsed("");
  auto api = file.section("api");
  EXPECT_FALSE(api.present());
  EXPECT_FALSE(api.has("listen"));
  EXPECT_EQ(api.text("listen", "x"), "x");
  EXPECT_EQ(api.oneOf("kind", {"a", "b"}, "b"), "b");
  EXPECT_EQ(api.integer("workers", 8, 1, 16), 8);
  EXPECT_TRUE(api.flag("open", true));
  EXPECT_THAT(api.texts("servers", {"s"}), ElementsAre("s"));
  EXPECT_THAT(api.integers("ports", {80}, 1, 2), ElementsAre(80));
  EXPECT_EQ(api.section("deeper").text("key", "y"), "y");
  EXPECT_THAT(api.sections("many"), IsEmpty());
  EXPECT_TRUE(file.finish());
}

TEST(Toml, ReadsTablesInTablesAndArraysOfTables) {
  auto file = parsed("[a.b]\nc = 1\n[[d.e]]\nname = \"x\"\n[[d.e]]\nname = \"y\"\n");
  EXPECT_EQ(file.section("a").section("b").integer("c", 0, 0, 9), 1);
  std::string names;
  for (auto& each : file.section("d").sections("e")) names += each.needText("name");
  EXPECT_EQ(names, "xy");
  EXPECT_TRUE(file.finish());
}

struct Wrong {
  const char* name;
  const char* content;
  std::function<void(File&)> read;
  const char* problem;
};

class TomlProblem : public testing::TestWithParam<Wrong> {};

TEST_P(TomlProblem, IsToldWithFileLineAndKey) {
  auto file = parsed(GetParam().content);
  GetParam().read(file);
  EXPECT_THAT(file.problems(), ElementsAre(GetParam().problem));
}

INSTANTIATE_TEST_SUITE_P(
    Each, TomlProblem,
    testing::Values(
        Wrong{"WrongType", "[api]\nlisten = 1\n", [](File& f) { f.section("api").text("listen"); },
              "f.toml:2: api.listen: must be a text, not an integer"},
        Wrong{"FractionForInteger", "a = 1.5\n", [](File& f) { f.top().integer("a", 0, 0, 9); },
              "f.toml:1: a: must be an integer, not a number with a fraction"},
        Wrong{"DateForFlag", "a = 2026-11-24\n", [](File& f) { f.top().flag("a"); },
              "f.toml:1: a: must be true or false, not a date or time"},
        Wrong{"TooSmall", "a = 0\n", [](File& f) { f.top().integer("a", 1, 1, 9); },
              "f.toml:1: a: 0 is not between 1 and 9"},
        Wrong{"ElementOutOfRange", "a = [1,\n 99999]\n", [](File& f) { f.top().integers("a", {}, 1, 65535); },
              "f.toml:1: a: 99999 is not between 1 and 65535"},
        Wrong{"ElementOfWrongType", "a = [\"x\",\n 5]\n", [](File& f) { f.top().texts("a"); },
              "f.toml:2: a[1]: must be a text, not an integer"},
        Wrong{"TextForArray", "a = \"x\"\n", [](File& f) { f.top().texts("a"); },
              "f.toml:1: a: must be an array, not a text"},
        Wrong{"NotAChoice", "kind = \"novel\"\n",
              [](File& f) {
                f.top().oneOf("kind", {"noop", "netns"}, "noop");
              },
              "f.toml:1: kind: \"novel\" is not one of \"noop\", \"netns\""},
        Wrong{"MissingInTable", "\n[api]\n", [](File& f) { f.section("api").needText("key"); },
              "f.toml:2: api.key: missing"},
        Wrong{"MissingWithItsTable", "", [](File& f) { f.section("api").needText("key"); }, "f.toml: api.key: missing"},
        Wrong{"Empty", "key = \"\"\n", [](File& f) { f.top().needText("key"); }, "f.toml:1: key: must not be empty"},
        Wrong{"ValueForTable", "api = 1\n", [](File& f) { f.section("api").text("listen"); },
              "f.toml:1: api: must be a table, not an integer"},
        Wrong{"TableForArrayOfTables", "[devices]\n", [](File& f) { f.sections("devices"); },
              "f.toml:1: devices: must be an array of tables: [[devices]]"},
        Wrong{"UnknownKey", "[api]\nlissten = \"x\"\n", [](File& f) { f.section("api").text("listen"); },
              "f.toml:2: api.lissten: unknown key"},
        Wrong{"UnknownTable", "[apii]\nlisten = \"x\"\n", [](File& f) { f.section("api").text("listen"); },
              "f.toml:1: apii: unknown table"},
        Wrong{"UnknownKeyInArrayOfTables", "[[d]]\nx = 1\n", [](File& f) { f.sections("d"); },
              "f.toml:2: d.x: unknown key"},
        Wrong{"CallersOwn", "[api]\nlisten = \"x\"\n",
              [](File& f) {
                auto api = f.section("api");
                api.text("listen");
                api.problem("listen", "is no address");
              },
              "f.toml:2: api.listen: is no address"}),
    [](const auto& each) { return each.param.name; });

TEST(Toml, TellsAllProblemsAtOnceInTheirOrder) {
  auto file = parsed("[b]\nx = 1\n[a]\ny = \"z\"\n");
  file.section("a").integer("y", 0, 0, 1);
  file.section("b").text("x");
  file.section("b").text("x");  // read twice, told once
  const auto status = file.finish();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Invalid);
  EXPECT_EQ(status.error().message,
            "f.toml:2: b.x: must be a text, not an integer\nf.toml:4: a.y: must be an integer, not a text");
}

TEST(Toml, RefusesWhatIsNoTomlWithItsLine) {
  for (const char* content : {"a = 1\na = 2\n", "a = 1\nb = \n", "a = 1\n[x\n", "a = 1\nb = \"\xff\xfe\"\n"}) {
    const auto file = File::parse("f.toml", content);
    ASSERT_FALSE(file) << content;
    EXPECT_THAT(file.error().message, StartsWith("f.toml:2: ")) << content;
  }
}

TEST(Toml, RefusesNestingThatWouldExhaustTheStack) {
  EXPECT_FALSE(File::parse("f.toml", "a = " + std::string(100'000, '[')));
}

TEST(Toml, SaysWhyAFileCannotBeRead) {
  const auto absent = File::read("/nonexistent/libra.toml");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().message, "/nonexistent/libra.toml: No such file or directory");
  const auto directory = File::read("/");
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().message, "/: Is a directory");
  const auto endless = File::read("/dev/zero");
  ASSERT_FALSE(endless);
  EXPECT_EQ(endless.error().message, "/dev/zero: longer than 1048576 bytes");
}

TEST(Toml, ASectionOutlivesItsFile) {
  auto section = parsed("[a]\nb = \"c\"\n").section("a");
  EXPECT_EQ(section.text("b"), "c");
}

TEST(Toml, TellsWhatWasAskedForInVain) {
  auto file = parsed("[a]\nb = \"c\"\n");
  auto section = file.section("a");
  section.text("b");
  section.flag("d");
  file.section("e").integer("f", 1, 0, 2);
  EXPECT_THAT(file.defaulted(), testing::ElementsAre("a.d", "e", "e.f"));
}

}  // namespace
}  // namespace libra::config
