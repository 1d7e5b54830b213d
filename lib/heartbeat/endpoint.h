#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/net_address.h"

namespace libra::heartbeat {

// An address and port; never a name, for nobody here may wait for a resolver.
struct Endpoint {
  NetAddress address;
  std::uint16_t port = 0;

  static std::optional<Endpoint> parse(std::string_view text);  // "10.0.0.1:4740", "[fd00::1]:4740"
  std::string str() const;
  auto operator<=>(const Endpoint&) const = default;
};

// As the socket calls want it, and back.
struct SocketAddress {
  union {
    sockaddr_in6 v6{};
    sockaddr_in v4;
    sockaddr any;
  };
  socklen_t size = sizeof v6;

  SocketAddress() = default;
  explicit SocketAddress(const Endpoint& endpoint);
  std::optional<Endpoint> endpoint() const;

  sockaddr* get() { return &any; }
  const sockaddr* get() const { return &any; }
};

}  // namespace libra::heartbeat
