#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace libra::sidecar::haproxy {

// The answer of `show stat`: rows addressed by column name, whatever their order. Most of a full
// device's rows are looked at for a field or two, so a field is read when it is asked for, out of
// the text that was parsed, which must live as long.
class StatsTable {
 public:
  // Refuses a missing header, a row with other than the header's number of fields, and
  // a quote that does not end, or not at the end of its field.
  static Result<StatsTable> parse(std::string_view csv);

  std::size_t size() const { return rows_.size(); }
  std::string text(std::size_t row, std::string_view column) const;  // "" when there is no such column
  std::int64_t number(std::size_t row, std::string_view column, std::int64_t otherwise = 0) const;

 private:
  std::vector<std::string_view> header_, rows_;
};

}  // namespace libra::sidecar::haproxy
