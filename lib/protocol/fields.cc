#include "lib/protocol/fields.h"

#include <algorithm>
#include <charconv>

namespace libra::protocol {

namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }

std::optional<std::int64_t> number(const json::Value& value) {
  if (value.isInteger()) return value.integer();
  const std::string text = value.text();
  std::int64_t parsed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return parsed;
}

}  // namespace

std::optional<std::int64_t> wholeNumber(const json::Value& value, std::int64_t least, std::int64_t most) {
  const auto found = number(value);
  if (!found || *found < least || *found > most) return std::nullopt;
  return found;
}

std::optional<std::string> decimalId(const json::Value& value) {
  const std::string text = value.isInteger() ? std::to_string(value.integer()) : value.text();
  if (text.empty() || text.size() > 20 || !std::all_of(text.begin(), text.end(), isDigit)) return std::nullopt;
  return text;
}

std::optional<bool> flag(const json::Value& value, bool fallback) {
  if (absentOrNull(value)) return fallback;
  if (value.isBool()) return value.boolean();
  const std::string word = upperCase(value.text());
  if (word != "TRUE" && word != "FALSE") return std::nullopt;
  return word == "TRUE";
}

bool absentOrNull(const json::Value& value) { return !value || value.isNull(); }

std::string upperCase(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

}  // namespace libra::protocol
