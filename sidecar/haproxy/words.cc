#include "sidecar/haproxy/words.h"

#include <algorithm>

namespace libra::sidecar::haproxy {

namespace {

bool isAlnum(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool allOf(std::string_view text, std::string_view also) {
  return std::all_of(text.begin(), text.end(), [&](char c) { return isAlnum(c) || also.find(c) != also.npos; });
}

}  // namespace

std::string lowerCase(std::string_view ascii) {
  std::string text(ascii);
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return text;
}

bool isId(std::string_view text) { return !text.empty() && text.size() <= 64 && allOf(text, "-"); }

bool isPlainPath(std::string_view path) {
  return !path.empty() && path.front() != '-' && path.size() < 100 && allOf(path, "/._-");
}

bool isPayload(std::string_view text) {
  return text.size() > 1 && text.size() <= kLongestPayload && text.back() == '\n' && text.front() != '\n' &&
         text.find("\n\n") == text.npos &&
         std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c < 127); });
}

bool isHostName(std::string_view text) {
  if (text.starts_with("*.")) text.remove_prefix(2);
  return !text.empty() && text.size() <= 251 && isAlnum(text.front()) && allOf(text, ".-");
}

std::string urlPath(std::string_view path) {
  constexpr std::string_view kKept = "_.-/~+*,;:!$'[]()?&=#%";
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (char c : path) {
    if (isAlnum(c) || kKept.find(c) != kKept.npos) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return encoded;
}

std::optional<std::string> commandWord(std::string_view text) {
  if (text.empty() || text.size() > kLongestCommand) return std::nullopt;
  if (text.find("<<") != text.npos) return std::nullopt;  // would begin a payload
  std::string word;
  for (char c : text) {
    if (c < 0x20 || c > 0x7e) return std::nullopt;
    if (c == ' ' || c == ';' || c == '\\') word += '\\';
    word += c;
  }
  return word;
}

std::string endpoint(const NetAddress& address, std::uint16_t port) {
  const auto host = address.isV6() ? "[" + address.str() + "]" : address.str();
  return host + ":" + std::to_string(port);
}

std::optional<Endpoint> readEndpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) return std::nullopt;
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const auto address = NetAddress::parse(host);
  const auto port = numberOf<std::uint16_t>(text.substr(colon + 1));
  if (!address || !port) return std::nullopt;
  return Endpoint{*address, *port};
}

}  // namespace libra::sidecar::haproxy
