#include "lib/protocol/device_report.h"

#include <gtest/gtest.h>

namespace libra::protocol {
namespace {

const Time kStart = Time(std::chrono::seconds(1'393'748'100)) + std::chrono::microseconds(120'431);

TEST(UsageReport, IsReadAsItWasWritten) {
  UsagePeriod period{7, kStart, kStart + std::chrono::minutes(5), {}};
  period.load_balancers.push_back({"88", Protocol::Tcp, {1, 1ULL << 50, 3, 4, {}}, {}});
  period.load_balancers.push_back({"", Protocol::Http, {0, 5, 0, 0, {}}, {}});
  const auto read = readUsage(withUsage(json::Value::object(), period));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->sequence, 7U);
  EXPECT_EQ(read->start, period.start);
  EXPECT_EQ(read->end, period.end);
  EXPECT_EQ(read->load_balancers, period.load_balancers);
}

TEST(UsageReport, MoreThanADeviceCanHaveCarriedIsRefused) {
  UsagePeriod period{7, kStart, kStart + std::chrono::minutes(5), {}};
  period.load_balancers.resize(kMostReported);
  EXPECT_TRUE(readUsage(withUsage(json::Value::object(), period)));
  period.load_balancers.emplace_back();
  EXPECT_FALSE(readUsage(withUsage(json::Value::object(), period)));
}

TEST(UsageReport, NonsenseIsRefused) {
  const auto answer = [](const char* text) { return *json::parse(text); };
  for (const char* text :
       {R"({})", R"([])", R"({"utc_start":"2014-03-02 08:15:00.120431","utc_end":"2014-03-02 08:20:00.1",
           "sequence":1,"loadBalancers":[]})",
        R"({"utc_start":"2014-03-02 08:15:00.120431","utc_end":"2014-03-02 08:20:00.120431","sequence":0,
           "loadBalancers":[]})",
        R"({"utc_start":"2014-03-02 08:15:00.120431","utc_end":"2014-03-02 08:20:00.120431","sequence":1,
           "loadBalancers":{}})",
        R"({"utc_start":"2014-03-02 08:15:00.120431","utc_end":"9999-03-02 08:20:00.120431","sequence":1,
           "loadBalancers":[]})",
        R"({"utc_start":"yesterday","utc_end":"2014-03-02 08:20:00.120431","sequence":1,"loadBalancers":[]})"})
    EXPECT_FALSE(readUsage(answer(text))) << text;
  const auto odd = readUsage(answer(R"({"utc_start":"2014-03-02 08:15:00.120431",
      "utc_end":"2014-03-02 08:20:00.120431","sequence":"3",
      "loadBalancers":[7,{"id":"; DROP","bytes_out":-5},{"id":9,"bytes_out":"12"}]})"));
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->sequence, 3U);
  ASSERT_EQ(odd->load_balancers.size(), 3U);
  EXPECT_EQ(odd->load_balancers[1].id, "");
  EXPECT_EQ(odd->load_balancers[1].used.bytes_out, 0U);
  EXPECT_EQ(odd->load_balancers[2].id, "9");
  EXPECT_EQ(odd->load_balancers[2].used.bytes_out, 12U);
}

TEST(UsageReport, IsAskedForWithWhatWasStored) {
  EXPECT_EQ(acknowledged(*json::parse(writeMetrics(41))), 41U);
  EXPECT_EQ((*json::parse(writeMetrics(0)))["hpcs_action"].text(), "METRICS");
}

}  // namespace
}  // namespace libra::protocol
