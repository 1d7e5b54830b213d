#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace libra::sidecar::haproxy {

// The answer of `show stat`: rows addressed by column name, whatever their order.
class StatsTable {
 public:
  // Refuses a missing header, a row with other than the header's number of fields, and
  // a quote that does not end.
  static Result<StatsTable> parse(std::string_view csv);

  std::size_t size() const { return rows_.size(); }
  std::string_view text(std::size_t row, std::string_view column) const;  // "" when there is no such column
  std::int64_t number(std::size_t row, std::string_view column, std::int64_t otherwise = 0) const;

 private:
  using Row = std::vector<std::string>;
  Row header_;
  std::vector<Row> rows_;
};

}  // namespace libra::sidecar::haproxy
