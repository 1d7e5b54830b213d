#include "bench/samples.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace libra::bench {

double Samples::sum() const { return std::accumulate(values_.begin(), values_.end(), 0.0); }

double Samples::quantile(double q) const {
  if (values_.empty()) return 0;
  auto sorted = values_;
  std::sort(sorted.begin(), sorted.end());
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

void printHeader(const std::string& title) {
  std::printf("%-52s %9s %9s %9s %9s %7s\n", title.c_str(), "min ms", "p50", "p99", "max", "n");
}

void printRow(const std::string& name, const Samples& samples) {
  std::printf("  %-50s %9.2f %9.2f %9.2f %9.2f %7zu\n", name.c_str(), samples.quantile(0), samples.quantile(0.5),
              samples.quantile(0.99), samples.quantile(1), samples.size());
  std::fflush(stdout);
}

double nowMs() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace libra::bench
