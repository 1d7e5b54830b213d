#include "cli/output.h"

#include <algorithm>
#include <cctype>
#include <sstream>

#include "lib/base/utf8.h"

namespace libra::cli {

namespace {

using Row = std::vector<std::string>;

bool sameWord(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::vector<Column> chosen(const Output& output, const std::vector<Column>& columns) {
  if (output.columns.empty()) return columns;
  std::vector<Column> found;
  for (const auto& wanted : output.columns)
    for (const auto& column : columns)
      if (sameWord(column.key, wanted) || sameWord(column.title, wanted)) found.push_back(column);
  return found;
}

std::vector<std::string> linesOf(const std::string& cell) {
  std::vector<std::string> lines;
  std::istringstream in(cell);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  if (lines.empty()) lines.emplace_back();
  return lines;
}

std::size_t widthOf(const std::string& line) {
  std::size_t width = 0;
  for (std::string_view rest = line; !rest.empty(); ++width)
    rest.remove_prefix(std::max<std::size_t>(1, utf8SequenceLength(rest)));
  return width;
}

std::vector<std::size_t> widthsOf(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.empty() ? 0 : rows[0].size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      for (const auto& line : linesOf(row[i])) widths[i] = std::max(widths[i], widthOf(line));
  return widths;
}

void rule(std::ostream& out, const std::vector<std::size_t>& widths) {
  for (const auto width : widths) out << '+' << std::string(width + 2, '-');
  out << "+\n";
}

void printRow(std::ostream& out, const Row& row, const std::vector<std::size_t>& widths) {
  std::vector<std::vector<std::string>> cells;
  std::size_t height = 1;
  for (const auto& cell : row) {
    cells.push_back(linesOf(cell));
    height = std::max(height, cells.back().size());
  }
  for (std::size_t line = 0; line < height; ++line) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string text = line < cells[i].size() ? cells[i][line] : "";
      out << "| " << text << std::string(widths[i] - widthOf(text) + 1, ' ');
    }
    out << "|\n";
  }
}

// The first row is the header.
void printTable(std::ostream& out, const std::vector<Row>& rows) {
  const auto widths = widthsOf(rows);
  rule(out, widths);
  printRow(out, rows[0], widths);
  rule(out, widths);
  for (std::size_t i = 1; i < rows.size(); ++i) printRow(out, rows[i], widths);
  rule(out, widths);
}

// What a terminal must not be told by a load balancer's name.
std::string harmless(const std::string& text) {
  std::string clean;
  for (const char c : text)
    if (c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F)) clean += c;
  return clean;
}

std::string objectText(const json::Value& value) {
  if (!value["address"]) return json::dump(value);
  if (value["port"]) return cellText(value["address"]) + ":" + cellText(value["port"]);
  std::string text = cellText(value["id"]) + " - " + cellText(value["address"]);
  for (const char* more : {"type", "ipVersion"})
    if (value[more]) text += " " + cellText(value[more]);
  return text;
}

}  // namespace

std::string cellText(const json::Value& value, const std::string& separator) {
  if (!value || value.isNull()) return "";
  if (value.isString()) return harmless(value.text());
  if (value.isObject()) return harmless(objectText(value));
  if (!value.isArray()) return json::dump(value);
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) text += (i ? separator : "") + cellText(value[i], separator);
  return text;
}

void printList(const Output& output, const json::Value& rows, const std::vector<Column>& columns) {
  if (output.format == Format::Json) {
    output.out << json::pretty(rows) << "\n";
    return;
  }
  const auto shown = chosen(output, columns);
  std::vector<Row> table(1);
  for (const auto& column : shown) table[0].push_back(column.title);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Row row;
    for (const auto& column : shown) row.push_back(cellText(rows[i][column.key]));
    table.push_back(std::move(row));
  }
  if (output.format == Format::Table) {
    if (table.size() > 1) printTable(output.out, table);
    return;
  }
  for (std::size_t i = 1; i < table.size(); ++i)
    for (std::size_t c = 0; c < table[i].size(); ++c)
      output.out << table[i][c] << (c + 1 < table[i].size() ? ' ' : '\n');
}

void printRecord(const Output& output, const json::Value& object, const std::vector<Column>& columns) {
  if (output.format == Format::Json) {
    output.out << json::pretty(object) << "\n";
    return;
  }
  std::vector<Row> table{{"Property", "Value"}};
  for (const auto& column : chosen(output, columns))
    if (object[column.key]) table.push_back({column.title, cellText(object[column.key])});
  if (output.format == Format::Table) {
    printTable(output.out, table);
    return;
  }
  for (std::size_t i = 1; i < table.size(); ++i) output.out << table[i][1] << "\n";
}

}  // namespace libra::cli
