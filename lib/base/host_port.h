#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace libra {

// "host:port": a name or address, an IPv6 address in brackets.
struct HostPort {
  std::string host;  // without brackets
  std::uint16_t port = 0;

  // Strict about form, not about whether the name exists: "[::1]:80", "db-1:3306"; nullopt
  // for "::1:80", a missing host or port, a port above 65535.
  static std::optional<HostPort> parse(std::string_view text);
  std::string str() const;
};

}  // namespace libra
