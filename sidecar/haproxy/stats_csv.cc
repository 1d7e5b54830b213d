#include "sidecar/haproxy/stats_csv.h"

#include <algorithm>

#include "sidecar/haproxy/words.h"

namespace libra::sidecar::haproxy {

namespace {

constexpr auto kNever = std::string_view::npos;

bool isQuote(std::string_view csv, std::size_t at) { return at < csv.size() && csv[at] == '"'; }

// Where the field that begins at `from` ends: at a comma, a line end, the end of all.
std::size_t endOfField(std::string_view csv, std::size_t from) {
  if (!isQuote(csv, from)) return std::min(csv.find_first_of(",\n", from), csv.size());
  auto quote = csv.find('"', from + 1);
  while (quote != kNever && isQuote(csv, quote + 1)) quote = csv.find('"', quote + 2);  // "" inside is one quote
  if (quote == kNever) return kNever;
  const auto end = quote + 1;
  return end == csv.size() || csv[end] == ',' || csv[end] == '\n' ? end : kNever;
}

std::string valueOf(std::string_view field) {
  if (!isQuote(field, 0)) return std::string(field);
  std::string value;
  for (std::size_t at = 1; at + 1 < field.size(); ++at) {
    value += field[at];
    if (field[at] == '"') ++at;
  }
  return value;
}

// Ends of the fields of the line that begins at `from`; none for a quote that does not end.
std::vector<std::size_t> fieldsOf(std::string_view csv, std::size_t from) {
  std::vector<std::size_t> ends;
  do {
    const auto end = endOfField(csv, from);
    if (end == kNever) return {};
    ends.push_back(end);
    from = end + 1;
  } while (ends.back() < csv.size() && csv[ends.back()] == ',');
  return ends;
}

Error malformed(std::string_view what) {
  return Error{ErrorCode::Internal, "The proxy's answer was not understood", "show stat: " + std::string(what)};
}

}  // namespace

Result<StatsTable> StatsTable::parse(std::string_view csv) {
  if (csv.substr(0, 2) != "# ") return malformed("no header");
  StatsTable table;
  for (std::size_t at = 2; at < csv.size();) {
    const auto from = at;
    const auto ends = fieldsOf(csv, from);
    if (ends.empty()) return malformed("unfinished quote");
    at = ends.back() + 1;
    if (ends.back() == from) continue;  // an empty line
    if (!table.header_.empty()) {
      if (ends.size() != table.header_.size()) return malformed("a row of another length");
      table.rows_.push_back(csv.substr(from, ends.back() - from));
      continue;
    }
    auto begin = from;
    for (const auto end : ends) table.header_.push_back(csv.substr(begin, end - begin)), begin = end + 1;
  }
  return table;
}

std::string StatsTable::text(std::size_t row, std::string_view column) const {
  const auto found = std::find(header_.begin(), header_.end(), column);
  if (found == header_.end()) return {};
  const auto line = rows_[row];
  std::size_t from = 0;
  for (auto before = found - header_.begin(); before > 0; --before) from = endOfField(line, from) + 1;
  return valueOf(line.substr(from, endOfField(line, from) - from));
}

std::int64_t StatsTable::number(std::size_t row, std::string_view column, std::int64_t otherwise) const {
  return numberOf<std::int64_t>(text(row, column)).value_or(otherwise);
}

}  // namespace libra::sidecar::haproxy
