#include "lib/base/host_port.h"

#include <algorithm>
#include <charconv>

#include "lib/base/net_address.h"

namespace libra {

namespace {

bool isNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

std::optional<std::string> parseHost(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) {
    const auto address = NetAddress::parse(text.substr(1, text.size() - 2));
    if (!address || !address->isV6()) return std::nullopt;
    return address->str();
  }
  if (text.empty() || !std::all_of(text.begin(), text.end(), isNameCharacter)) return std::nullopt;
  return std::string(text);
}

}  // namespace

std::optional<HostPort> HostPort::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) return std::nullopt;
  auto host = parseHost(text.substr(0, colon));
  const std::string_view digits = text.substr(colon + 1);
  HostPort parsed;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), parsed.port);
  if (!host || digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  parsed.host = *std::move(host);
  return parsed;
}

std::string HostPort::str() const {
  const bool bracketed = host.find(':') != host.npos;
  return (bracketed ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace libra
