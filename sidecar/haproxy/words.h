#pragma once

// The one place that decides which text may reach HAProxy's configuration, maps and
// command line. Everything else that is written there is a number or a constant.

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/net_address.h"

namespace libra::sidecar::haproxy {

constexpr std::size_t kLongestCommand = 12'000;  // tune.bufsize is 16,384; beyond it HAProxy drops the line

constexpr std::size_t kLongestPayload = 15'000;

std::string lowerCase(std::string_view ascii);

// An id as part of a name: letters, digits and '-', 1 to 64 of them.
bool isId(std::string_view text);

// A path of letters, digits and "/._-", as it stands in the configuration; a relative one is
// seen from where HAProxy is started.
bool isPlainPath(std::string_view path);

// Lines that may follow a command: none is empty, so that none ends them.
bool isPayload(std::string_view text);

// "a.example", "*.example.com".
bool isHostName(std::string_view text);

// A URL path with everything percent-encoded that the API's own rule does not keep:
// letters, digits and _.-/~+*,;:!$'[]()?&=#% stay. Encoding twice changes nothing.
std::string urlPath(std::string_view path);

// One word of a command on the stats socket: none of its characters ends the word, the
// command or the line. nullopt for what no quoting can carry.
std::optional<std::string> commandWord(std::string_view text);

std::string endpoint(const NetAddress& address, std::uint16_t port);  // 10.0.0.1:80, [fd00::1]:80

struct Endpoint {
  NetAddress address;
  std::uint16_t port = 0;
  bool operator==(const Endpoint&) const = default;
};
std::optional<Endpoint> readEndpoint(std::string_view text);

// All of `text` as a number; nothing else before or after.
template <typename Number>
std::optional<Number> numberOf(std::string_view text, int base = 10) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace libra::sidecar::haproxy
