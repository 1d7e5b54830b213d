#pragma once

// How this protocol takes single values: the ancestor's peers send numbers as text
// and words in any case.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/json/value.h"

namespace libra::protocol {

// An integer or decimal text ("80", no sign but '-', no blanks) within [least, most].
std::optional<std::int64_t> wholeNumber(const json::Value& value, std::int64_t least, std::int64_t most);

// A decimal id, as text or as a number: 1 to 20 digits. Safe in any name.
std::optional<std::string> decimalId(const json::Value& value);

// True or false, as such or as a word in any case; `fallback` where nothing is given.
std::optional<bool> flag(const json::Value& value, bool fallback);

bool absentOrNull(const json::Value& value);
std::string upperCase(std::string text);  // ASCII letters only

}  // namespace libra::protocol
