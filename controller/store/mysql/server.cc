#include "controller/store/mysql/server.h"

#include <fmt/format.h>

#include <charconv>

namespace libra::store::mysql {

namespace {

constexpr std::string_view kUnix = "unix:";

bool parsePort(std::string_view digits, std::uint16_t& port) {
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, port);
  return error == std::errc{} && stop == end && port != 0;
}

}  // namespace

Result<Server> Server::parse(std::string_view text) {
  const Error bad{ErrorCode::Invalid, fmt::format("database server '{}': want host:port or unix:/path", text)};
  Server server;
  if (text.starts_with(kUnix)) {
    server.socket = text.substr(kUnix.size());
    if (!server.socket.starts_with('/')) return bad;
    return server;
  }

  const auto colon = text.rfind(':');
  if (colon == text.npos || !parsePort(text.substr(colon + 1), server.port)) return bad;
  auto host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty() || bracketed != (host.find(':') != host.npos)) return bad;
  server.host = host;
  return server;
}

std::string Server::str() const {
  if (!socket.empty()) return std::string(kUnix) + socket;
  const bool v6 = host.find(':') != host.npos;
  return v6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

}  // namespace libra::store::mysql
