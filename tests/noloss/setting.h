#pragma once

#include <cstdlib>
#include <string>

namespace libra::test {

// Of the environment; an empty one counts as none.
inline std::string setting(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value && *value ? value : otherwise;
}

}  // namespace libra::test
