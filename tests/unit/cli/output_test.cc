#include "cli/output.h"

#include <gtest/gtest.h>

#include <sstream>

namespace libra::cli {
namespace {

json::Value rows() {
  return *json::parse(
      R"([{"id":"1","name":"wéb","port":80},{"id":"2","name":"b","nodes":[{"address":"10.0.0.1","port":"80"}]}])");
}

const std::vector<Column> kColumns{{"id", "ID"}, {"name", "Name"}};

std::string listAs(Format format, std::vector<std::string> columns = {}) {
  std::ostringstream out;
  printList({out, format, std::move(columns)}, rows(), kColumns);
  return out.str();
}

TEST(Output, ATableCountsCharactersNotBytes) {
  EXPECT_EQ(listAs(Format::Table),
            "+----+------+\n"
            "| ID | Name |\n"
            "+----+------+\n"
            "| 1  | wéb  |\n"
            "| 2  | b    |\n"
            "+----+------+\n");
}

TEST(Output, ValueIsBare) { EXPECT_EQ(listAs(Format::Value), "1 wéb\n2 b\n"); }

TEST(Output, AColumnIsFoundByKeyOrTitleInAnyCase) { EXPECT_EQ(listAs(Format::Value, {"NAME", "id"}), "wéb 1\nb 2\n"); }

TEST(Output, JsonKeepsEveryMember) { EXPECT_EQ(json::dump(*json::parse(listAs(Format::Json))), json::dump(rows())); }

TEST(Output, AnEmptyTablePrintsNothing) {
  std::ostringstream out;
  printList({out, Format::Table, {}}, json::Value::array(), kColumns);
  EXPECT_EQ(out.str(), "");
}

TEST(Output, ARecordShowsListsALineEach) {
  std::ostringstream out;
  printRecord({out, Format::Table, {}},
              *json::parse(R"({"id":"2","nodes":[{"address":"a","port":"1"},{"address":"b","port":"2"}]})"),
              {{"id", "ID"}, {"nodes", "Nodes"}, {"absent", "Absent"}});
  EXPECT_EQ(out.str(),
            "+----------+-------+\n"
            "| Property | Value |\n"
            "+----------+-------+\n"
            "| ID       | 2     |\n"
            "| Nodes    | a:1   |\n"
            "|          | b:2   |\n"
            "+----------+-------+\n");
}

TEST(Output, ATenantsTextCannotDriveTheTerminal) { EXPECT_EQ(cellText(json::Value::of("a\x1b[31mb\x07")), "a[31mb"); }

}  // namespace
}  // namespace libra::cli
