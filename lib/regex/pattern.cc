#include "lib/regex/pattern.h"

#include <re2/re2.h>

namespace libra {

namespace {

constexpr std::int64_t kMostMemory = 1 << 20;

RE2::Options options() {
  RE2::Options options(RE2::Latin1);  // answers of nodes are bytes, in no encoding we could rely on
  options.set_max_mem(kMostMemory);
  options.set_log_errors(false);
  options.set_never_capture(true);
  return options;
}

}  // namespace

Result<Pattern> Pattern::compile(const std::string& expression) {
  if (expression.size() > kLongest) return Error{ErrorCode::Invalid, "The regular expression is too long"};
  auto compiled = std::make_shared<const RE2>(expression, options());
  if (!compiled->ok()) return Error{ErrorCode::Invalid, "The regular expression is not valid: " + compiled->error()};
  return Pattern(std::move(compiled));
}

bool Pattern::foundIn(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

const std::string& Pattern::text() const { return compiled_->pattern(); }

}  // namespace libra
