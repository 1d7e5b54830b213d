#include <gtest/gtest.h>

#include "cli/commands.h"

namespace libra::cli {
namespace {

struct Case {
  const char* name;
  const char* text;
  const char* json;  // "" : refused
};

class NodeArgument : public testing::TestWithParam<Case> {};

TEST_P(NodeArgument, IsReadOrRefused) {
  const auto& expected = GetParam();
  if (*expected.json == '\0') {
    try {
      parseNode(expected.text);
      FAIL() << "accepted";
    } catch (const Failure& e) {
      EXPECT_EQ(e.code, kUsage);
      EXPECT_NE(std::string(e.what()).find(expected.text), std::string::npos);
    }
    return;
  }
  EXPECT_EQ(json::dump(parseNode(expected.text)), expected.json);
}

INSTANTIATE_TEST_SUITE_P(
    All, NodeArgument,
    testing::Values(Case{"Plain", "10.0.0.1:80", R"({"address":"10.0.0.1","port":"80"})"},
                    Case{"Weight", "10.0.0.1:80:weight=7", R"({"address":"10.0.0.1","port":"80","weight":"7"})"},
                    Case{"Backup", "10.0.0.1:80:backup=TRUE", R"({"address":"10.0.0.1","port":"80","backup":"TRUE"})"},
                    Case{"Several", "10.0.0.1:80:weight=2:backup=FALSE:condition=DISABLED",
                         R"({"address":"10.0.0.1","port":"80","weight":"2","backup":"FALSE","condition":"DISABLED"})"},
                    Case{"V6", "[fd77::1]:8080", R"({"address":"fd77::1","port":"8080"})"},
                    Case{"V6WithWeight", "[::1]:80:weight=2", R"({"address":"::1","port":"80","weight":"2"})"},
                    Case{"NoPort", "10.0.0.1", ""}, Case{"EmptyPort", "10.0.0.1:", ""},
                    Case{"UnknownAttribute", "10.0.0.1:80:color=red", ""},
                    Case{"AttributeWithoutValue", "10.0.0.1:80:weight", ""}, Case{"Empty", "", ""}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace libra::cli
