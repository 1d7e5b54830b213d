#include "lib/heartbeat/endpoint.h"

#include <algorithm>

#include "lib/base/host_port.h"

namespace libra::heartbeat {

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
  const auto parts = HostPort::parse(text);
  const auto address = parts ? NetAddress::parse(parts->host) : std::nullopt;
  if (!address) return std::nullopt;
  return Endpoint{*address, parts->port};
}

std::string Endpoint::str() const { return HostPort{address.str(), port}.str(); }

SocketAddress::SocketAddress(const Endpoint& endpoint) {
  const auto& bytes = endpoint.address.bytes();
  if (endpoint.address.isV6()) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::copy(bytes.begin(), bytes.end(), v6.sin6_addr.s6_addr);
  } else {
    v4 = {};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    v4.sin_addr.s_addr = htonl(endpoint.address.v4());
    size = sizeof v4;
  }
}

std::optional<Endpoint> SocketAddress::endpoint() const {
  if (any.sa_family == AF_INET) return Endpoint{NetAddress::fromV4(ntohl(v4.sin_addr.s_addr)), ntohs(v4.sin_port)};
  if (any.sa_family != AF_INET6) return std::nullopt;
  const auto address = NetAddress::fromBytes({v6.sin6_addr.s6_addr, 16});
  return address ? std::optional(Endpoint{*address, ntohs(v6.sin6_port)}) : std::nullopt;
}

}  // namespace libra::heartbeat
