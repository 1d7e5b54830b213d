#pragma once

#include <map>
#include <string_view>

namespace libra::fuzz {

// Takes any bytes, as one of our readers meets them from outside. Aborts when a property of
// that reader does not hold; the sanitizers see the rest.
using Target = void (*)(std::string_view bytes);

// By name, which is that of its folder in tests/fuzz/corpus.
const std::map<std::string_view, Target>& targets();

// The tables of which it is made.
std::map<std::string_view, Target> apiTargets();
std::map<std::string_view, Target> deviceTargets();
std::map<std::string_view, Target> nginxTargets();
std::map<std::string_view, Target> wireTargets();
std::map<std::string_view, Target> settingsTargets();

inline void require(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace libra::fuzz
