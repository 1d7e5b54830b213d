#include <gtest/gtest.h>

#include <thread>

#include "lib/metrics/page.h"

namespace libra::metrics {
namespace {

using namespace std::chrono_literals;

TEST(Histogram, CountsWhatTookNoLongerThanEachBound) {
  Histogram histogram;
  for (const auto took : {500us, 501us, 30s + 0us, 31s + 0us}) histogram.observe(took);
  const auto seen = histogram.snapshot();
  EXPECT_EQ(seen.within[0], 1u);
  EXPECT_EQ(seen.within[1], 2u);
  EXPECT_EQ(seen.within.back(), 3u);
  EXPECT_EQ(seen.count, 4u);
  EXPECT_DOUBLE_EQ(seen.sum, 61.001001);
}

TEST(Histogram, ManyAtOnceCountExactly) {
  Histogram histogram;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 10'000; ++n) histogram.observe(1ms);
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(histogram.snapshot().count, 40'000u);
  EXPECT_DOUBLE_EQ(histogram.snapshot().sum, 40.0);
}

TEST(MetricsPage, WritesFamiliesAndSamples) {
  Page page;
  page.family("libra_devices", "gauge", "Devices by state");
  page.sample({{"state", "ONLINE"}, {"zone", "z1"}}, 3);
  page.sample({}, 0.25);
  EXPECT_EQ(page.take(),
            "# HELP libra_devices Devices by state\n"
            "# TYPE libra_devices gauge\n"
            "libra_devices{state=\"ONLINE\",zone=\"z1\"} 3\n"
            "libra_devices 0.25\n");
}

TEST(MetricsPage, KeepsLabelsInTheirLine) {
  Page page;
  page.family("x", "gauge", "X");
  page.sample({{"zone", "a\"b\\c\nd\xff"}}, 1);
  EXPECT_EQ(page.take(), "# HELP x X\n# TYPE x gauge\nx{zone=\"a\\\"b\\\\c\\nd\xEF\xBF\xBD\"} 1\n");
}

TEST(MetricsPage, WritesHistogramsCumulatively) {
  Histogram histogram;
  histogram.observe(2ms);
  Page page;
  page.family("t", "histogram", "T");
  page.histogram({{"phase", "api"}}, histogram);
  const auto text = page.take();
  for (const char* line : {"t_bucket{phase=\"api\",le=\"0.001\"} 0\n", "t_bucket{phase=\"api\",le=\"0.0025\"} 1\n",
                           "t_bucket{phase=\"api\",le=\"30\"} 1\n", "t_bucket{phase=\"api\",le=\"+Inf\"} 1\n",
                           "t_sum{phase=\"api\"} 0.002\n", "t_count{phase=\"api\"} 1\n"})
    EXPECT_NE(text.find(line), text.npos) << line << "in\n" << text;
}

}  // namespace
}  // namespace libra::metrics
