#include "controller/api/reader.h"

#include <gtest/gtest.h>

namespace libra::api {
namespace {

std::string mandatory(const std::string& name) {
  return "Invalid input for field/attribute " + name + ". Value: 'None'. Mandatory field missing.";
}
std::string wrong(const std::string& name, const std::string& value, const std::string& want, const std::string& got) {
  return "Invalid input for field/attribute " + name + ". Value: '" + value + "'. Wrong type. Expected '<type '" +
         want + "'>', got '<type '" + got + "'>'";
}

// What a body with one member of each kind reads as: a fault's text, or "" when it is fine.
std::string faultOf(std::string_view body) {
  auto read = readBody(body, [](const Reader& reader) {
    reader.text("text");
    reader.integer("number");
    reader.oneOf<int>("word", {{"ONE", 1}, {"TWO", 2}});
    reader.object("object").integer("inner");
    reader.list("list", [](const Reader& element) { element.required("id", element.integer("id")); });
    return 0;
  });
  if (read) return "";
  EXPECT_EQ(read.error().code, ErrorCode::Invalid);
  return read.error().message;
}

struct CoercionCase {
  const char* name;
  const char* body;
  std::string fault;
};

class Coercion : public testing::TestWithParam<CoercionCase> {};

TEST_P(Coercion, AnswersAsSpecSection1_4Says) { EXPECT_EQ(faultOf(GetParam().body), GetParam().fault); }

const std::string kNoObject = "Request body must be a JSON object";
const std::string kLong(300, 'x');
const std::string kLongBody = R"({"number":")" + kLong + R"("})";

INSTANTIATE_TEST_SUITE_P(
    Row, Coercion,
    testing::Values(
        CoercionCase{"NoBody", "", kNoObject}, CoercionCase{"Null", "null", kNoObject},
        CoercionCase{"List", R"([{"text":"a"}])", kNoObject}, CoercionCase{"String", R"("text")", kNoObject},
        CoercionCase{"Number", "5", kNoObject}, CoercionCase{"Boolean", "true", kNoObject},
        CoercionCase{"EmptyObject", "{}", ""}, CoercionCase{"Text", R"({"text":"a"})", ""},
        CoercionCase{"EmptyText", R"({"text":""})", ""},
        CoercionCase{"TextAsNumber", R"({"text":5})", wrong("text", "5", "unicode", "int")},
        CoercionCase{"TextAsBoolean", R"({"text":true})", wrong("text", "True", "unicode", "bool")},
        CoercionCase{"TextAsFloat", R"({"text":1.5})", wrong("text", "1.5", "unicode", "float")},
        CoercionCase{"TextAsList", R"({"text":["a"]})", wrong("text", R"(["a"])", "unicode", "list")},
        CoercionCase{"TextAsObject", R"({"text":{"a":1}})", wrong("text", R"({"a":1})", "unicode", "dict")},
        CoercionCase{"TextWithNul", R"({"text":"a\u0000b"})",
                     "Invalid input for field/attribute text. Text must not contain NUL characters"},
        CoercionCase{"Integer", R"({"number":80})", ""},
        CoercionCase{"IntegerAsDecimalString", R"({"number":"80"})", ""},
        CoercionCase{"NegativeDecimalString", R"({"number":"-80"})", ""},
        CoercionCase{"IntegerAsOtherString", R"({"number":"abc"})", wrong("number", "abc", "int", "unicode")},
        CoercionCase{"IntegerAsEmptyString", R"({"number":""})", wrong("number", "", "int", "unicode")},
        CoercionCase{"IntegerWithSpace", R"({"number":"80 "})", wrong("number", "80 ", "int", "unicode")},
        CoercionCase{"IntegerAsHex", R"({"number":"0x50"})", wrong("number", "0x50", "int", "unicode")},
        CoercionCase{"IntegerBeyond64Bits", R"({"number":"9223372036854775808"})",
                     wrong("number", "9223372036854775808", "int", "unicode")},
        CoercionCase{"IntegerAsFloat", R"({"number":80.5})", wrong("number", "80.5", "int", "float")},
        CoercionCase{"IntegerAsWholeFloat", R"({"number":80.0})", wrong("number", "80.0", "int", "float")},
        CoercionCase{"IntegerAsBoolean", R"({"number":true})", wrong("number", "True", "int", "bool")},
        CoercionCase{"IntegerAsFalse", R"({"number":false})", wrong("number", "False", "int", "bool")},
        CoercionCase{"IntegerAsLongText", kLongBody.c_str(),
                     wrong("number", std::string(256, 'x') + "...", "int", "unicode")},
        CoercionCase{"Enum", R"({"word":"TWO"})", ""},
        CoercionCase{"EnumOther", R"({"word":"THREE"})",
                     "Invalid input for field/attribute word. Value: 'THREE'. Value should be one of: ONE, TWO"},
        CoercionCase{"EnumOtherCase", R"({"word":"one"})",
                     "Invalid input for field/attribute word. Value: 'one'. Value should be one of: ONE, TWO"},
        CoercionCase{"EnumAsNumber", R"({"word":1})",
                     "Invalid input for field/attribute word. Value: '1'. Value should be one of: ONE, TWO"},
        CoercionCase{"ObjectAsText", R"({"object":"a"})", wrong("object", "a", "dict", "unicode")},
        CoercionCase{"InnerMember", R"({"object":{"inner":[]}})", wrong("inner", "[]", "int", "list")},
        CoercionCase{"ListAsText", R"({"list":"a"})", wrong("list", "a", "list", "unicode")},
        CoercionCase{"ElementAsNumber", R"({"list":[{"id":1},5]})", wrong("list", "5", "dict", "int")},
        CoercionCase{"ElementNull", R"({"list":[null]})", wrong("list", "None", "dict", "NoneType")},
        CoercionCase{"ElementWithoutId", R"({"list":[{"id":1},{}]})", mandatory("id")},
        CoercionCase{"ElementWithNullId", R"({"list":[{"id":null}]})", mandatory("id")},
        CoercionCase{"NullMembersAreAbsent", R"({"text":null,"number":null,"word":null,"object":null,"list":null})",
                     ""},
        CoercionCase{"UnknownMembersAtEveryDepth",
                     R"({"else":{"deep":[1,"\u0000"]},"object":{"other":true},"list":[{"id":1,"x":{}}]})", ""},
        CoercionCase{"FirstFaultCounts", R"({"number":"x","text":5})", wrong("text", "5", "unicode", "int")}),
    [](const auto& row) { return row.param.name; });

TEST(Reader, TellsAbsentFromGiven) {
  auto read = readBody(R"({"a":"0","b":""})", [](const Reader& reader) {
    return std::tuple(reader.integer("a"), reader.text("b"), reader.integer("c"), reader.text("d"));
  });
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, std::tuple(std::optional<std::int64_t>(0), std::optional<std::string>(""),
                              std::optional<std::int64_t>(), std::optional<std::string>()));
}

TEST(Reader, AMemberOfTheWrongTypeIsNotAlsoCalledMissing) {
  auto read =
      readBody(R"({"name":5})", [](const Reader& reader) { return reader.required("name", reader.text("name")); });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, wrong("name", "5", "unicode", "int"));
}

TEST(Reader, ALongValueIsCutBetweenCharacters) {
  std::string euros;
  for (int i = 0; i < 200; ++i) euros += "€";
  const auto fault = faultOf(R"({"number":")" + euros + R"("})");
  EXPECT_EQ(fault, wrong("number", euros.substr(0, 255) + "...", "int", "unicode"));
}

// Each of these is refused by the parser; the text names the place.
TEST(Reader, RefusesWhatIsNotJson) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  const std::string deep_objects = [] {
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += R"({"a":)";
    return text;
  }();
  for (const std::string& body :
       {std::string("{"), std::string("{\"text\":\"a\"} x"), std::string("{'text':1}"), std::string("\xff"),
        std::string("{\"text\":\"\xc3\x28\"}"), std::string("{\"text\":\"a\",\"text\":\"b\"}"),
        std::string("{\"te\\u0000xt\":1}"), std::string("{\"number\":99999999999999999999}"),
        std::string("{\"text\":\"\\ud800\"}"), std::string("{\"number\":NaN}"), std::string("{\"a\":1,}"),
        std::string("\0", 1), std::string("   "), deep, deep_objects})
    EXPECT_TRUE(faultOf(body).starts_with("Invalid JSON at line ")) << body.substr(0, 60) << ": " << faultOf(body);
}

}  // namespace
}  // namespace libra::api
