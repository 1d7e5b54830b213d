#include "controller/api/call.h"

#include <charconv>

namespace libra::api {

std::int64_t idOf(std::string_view text) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && id > 0 ? id : 0;
}

}  // namespace libra::api
