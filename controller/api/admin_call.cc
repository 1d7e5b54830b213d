#include "controller/api/admin_call.h"

#include <algorithm>
#include <charconv>

namespace libra::api {

namespace {

Result<std::int64_t> number(const Call& call, std::string_view name, std::int64_t fallback) {
  const auto text = call.request.parameter(name);
  if (!text) return fallback;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error == std::errc{} && end == text->data() + text->size() && value >= 0) return value;
  return Error{ErrorCode::Invalid, "Invalid " + std::string(name) + ": " + *text};
}

}  // namespace

Result<std::optional<NetAddress>> vipParameter(const Call& call) {
  const auto text = call.request.parameter("vip");
  if (!text) return std::optional<NetAddress>();
  const auto address = NetAddress::parse(*text);
  if (!address) return Error{ErrorCode::Invalid, "Invalid vip: " + *text};
  return address;
}

Result<Page> pageOf(const Call& call, std::int64_t first, int most) {
  const auto marker = number(call, "marker", first), limit = number(call, "limit", std::min(100, most));
  if (!marker) return marker.error();
  if (!limit) return limit.error();
  return Page{*marker, static_cast<int>(std::min<std::int64_t>(*limit, most))};
}

}  // namespace libra::api
