#include "lib/metrics/page.h"

#include <array>
#include <charconv>

#include "lib/base/utf8.h"

namespace libra::metrics {

namespace {

// The shortest text without exponent that reads back as the same number.
std::string numberText(double value) {
  std::array<char, 400> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed).ptr;
  return {buffer.data(), end};
}

void appendLabel(std::string& to, std::string_view name, std::string_view value) {
  to.append(to.empty() ? "" : ",").append(name).append("=\"");
  for (const char c : repairUtf8(value)) {
    if (c == '\n') {
      to += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') to += '\\';
    to += c;
  }
  to += '"';
}

}  // namespace

void Page::family(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void Page::sample(Labels labels, double value) { line("", labels, "", value); }

void Page::histogram(Labels labels, const Histogram& histogram) {
  const auto seen = histogram.snapshot();
  for (std::size_t i = 0; i < Histogram::kBounds.size(); ++i)
    line("_bucket", labels, numberText(Histogram::kBounds[i]), static_cast<double>(seen.within[i]));
  line("_bucket", labels, "+Inf", static_cast<double>(seen.count));
  line("_sum", labels, "", seen.sum);
  line("_count", labels, "", static_cast<double>(seen.count));
}

void Page::line(std::string_view suffix, Labels labels, std::string_view bound, double value) {
  std::string all;
  for (const auto& [name, text] : labels) appendLabel(all, name, text);
  if (!bound.empty()) appendLabel(all, "le", bound);
  text_.append(name_).append(suffix);
  if (!all.empty()) text_.append("{").append(all).append("}");
  text_.append(" ").append(numberText(value)).append("\n");
}

}  // namespace libra::metrics
