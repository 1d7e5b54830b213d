#include "sidecar/haproxy/stats_csv.h"

#include <gtest/gtest.h>

namespace libra::sidecar::haproxy {
namespace {

TEST(StatsTable, FindsFieldsByNameWhateverTheirOrder) {
  const auto table = StatsTable::parse("# svname,scur,pxname,\nn1,7,s1_http_rr_connect,\n\nn2,,s2,\n\n");
  ASSERT_TRUE(table);
  ASSERT_EQ(table->size(), 2u);
  EXPECT_EQ(table->text(0, "pxname"), "s1_http_rr_connect");
  EXPECT_EQ(table->number(0, "scur"), 7);
  EXPECT_EQ(table->number(1, "scur", -1), -1);
  EXPECT_EQ(table->text(1, "absent"), "");
}

TEST(StatsTable, ReadsQuotedFieldsWithQuotesCommasAndLineEnds) {
  const auto table = StatsTable::parse("# a,b\n\"one, \"\"two\"\"\nthree\",4\n");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->text(0, "a"), "one, \"two\"\nthree");
  EXPECT_EQ(table->number(0, "b"), 4);
}

TEST(StatsTable, RefusesWhatIsNoTable) {
  for (const char* text : {"", "a,b\n1,2\n", "Unknown command: 'x'.", "# a,b\n1\n", "# a,b\n1,2,3\n", "# a,b\n1,\"2\n",
                           "# a,b\n1,\"2\"3\n"})
    EXPECT_FALSE(StatsTable::parse(text)) << text;
}

}  // namespace
}  // namespace libra::sidecar::haproxy
