#include "sidecar/haproxy/stats_csv.h"

#include <algorithm>
#include <optional>

#include "sidecar/haproxy/words.h"

namespace libra::sidecar::haproxy {

namespace {

// The rest of a quoted field, up to and without its closing quote; "" inside is one quote.
std::optional<std::string> quoted(std::string_view csv, std::size_t& at) {
  std::string field;
  while (at < csv.size()) {
    const char c = csv[at++];
    if (c != '"') {
      field += c;
    } else if (at < csv.size() && csv[at] == '"') {
      field += csv[at++];
    } else {
      return field;
    }
  }
  return std::nullopt;
}

// One line, whose end is consumed; nullopt for an unfinished quote.
std::optional<std::vector<std::string>> nextRow(std::string_view csv, std::size_t& at) {
  std::vector<std::string> row(1);
  while (at < csv.size()) {
    const char c = csv[at++];
    if (c == '\n') break;
    if (c == ',') {
      row.emplace_back();
    } else if (c == '"' && row.back().empty()) {
      auto field = quoted(csv, at);
      if (!field) return std::nullopt;
      row.back() = std::move(*field);
    } else {
      row.back() += c;
    }
  }
  return row;
}

Error malformed(std::string_view what) {
  return Error{ErrorCode::Internal, "The proxy's answer was not understood", "show stat: " + std::string(what)};
}

}  // namespace

Result<StatsTable> StatsTable::parse(std::string_view csv) {
  if (csv.substr(0, 2) != "# ") return malformed("no header");
  StatsTable table;
  std::size_t at = 2;
  while (at < csv.size()) {
    auto row = nextRow(csv, at);
    if (!row) return malformed("unfinished quote");
    if (row->size() == 1 && row->front().empty()) continue;
    if (table.header_.empty()) {
      table.header_ = std::move(*row);
    } else if (row->size() == table.header_.size()) {
      table.rows_.push_back(std::move(*row));
    } else {
      return malformed("a row of another length");
    }
  }
  return table;
}

std::string_view StatsTable::text(std::size_t row, std::string_view column) const {
  const auto found = std::find(header_.begin(), header_.end(), column);
  return found == header_.end() ? std::string_view() : std::string_view(rows_[row][found - header_.begin()]);
}

std::int64_t StatsTable::number(std::size_t row, std::string_view column, std::int64_t otherwise) const {
  return numberOf<std::int64_t>(text(row, column)).value_or(otherwise);
}

}  // namespace libra::sidecar::haproxy
