#include "tests/noloss/tally.h"

#include <fmt/format.h>

#include <algorithm>

namespace libra::test {

namespace {

double quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(q * static_cast<double>(values.size())))];
}

}  // namespace

void print(const std::map<std::string, Tally>& tallies) {
  fmt::print("{:<34} {:<20} {:>5} {:>9} {:>9} {:>10} {:>7} {:>10}\n", "change", "mechanism", "runs", "p50 ms", "p99 ms",
             "in flight", "errors", "meant so");
  for (const auto& row : rows()) {
    const auto found = tallies.find(row.name);
    if (found == tallies.end()) continue;
    const auto& tally = found->second;
    fmt::print("{:<34} {:<20} {:>5} {:>9.2f} {:>9.2f} {:>10} {:>7} {:>10}\n", row.name,
               fmt::format("{}", fmt::join(tally.mechanisms, ",")), tally.ms.size(), quantile(tally.ms, 0.5),
               quantile(tally.ms, 0.99), tally.in_flight, tally.failures.size(), tally.permitted);
  }
}

}  // namespace libra::test
