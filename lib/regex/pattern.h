#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace re2 {
class RE2;
}

namespace libra {

// A regular expression of a tenant, in RE2's syntax (Perl's without back references and
// look-around). Matching takes time linear in the text and bounded memory, whatever the
// expression is. Immutable; any thread.
class Pattern {
 public:
  static constexpr std::size_t kLongest = 1024;

  // Invalid: too long, malformed, or too large once compiled; the message says which.
  static Result<Pattern> compile(const std::string& expression);

  bool foundIn(std::string_view text) const;  // anywhere; text is bytes
  const std::string& text() const;

 private:
  explicit Pattern(std::shared_ptr<const re2::RE2> compiled) : compiled_(std::move(compiled)) {}

  std::shared_ptr<const re2::RE2> compiled_;
};

}  // namespace libra
