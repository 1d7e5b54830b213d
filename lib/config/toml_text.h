#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace libra::config {

// Values as they stand in a settings file; File reads back what was given, whatever it holds.
std::string tomlText(std::string_view text);                  // "a \"b\""
std::string tomlList(const std::vector<std::string>& texts);  // ["a", "b"]

}  // namespace libra::config
