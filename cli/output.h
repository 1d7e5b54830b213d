#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "lib/json/value.h"

namespace libra::cli {

enum class Format { Table, Json, Value };

// How to print: chosen once by the global options.
struct Output {
  std::ostream& out;
  Format format = Format::Table;
  std::vector<std::string> columns;  // -c: only these, in this order; by key or title, any case
};

// A column: the member of the JSON object and its title in a table.
struct Column {
  std::string key, title;
};

// Rows of objects. Json prints them as they are (its keys are stable), Value the bare
// cells, a line each, Table with a header; an empty table prints nothing.
void printList(const Output& output, const json::Value& rows, const std::vector<Column>& columns);

// One object, as Property/Value in a table; every member in Json.
void printRecord(const Output& output, const json::Value& object, const std::vector<Column>& columns);

// A cell's text: scalars bare, lists joined by the line break `separator`.
std::string cellText(const json::Value& value, const std::string& separator = "\n");

}  // namespace libra::cli
