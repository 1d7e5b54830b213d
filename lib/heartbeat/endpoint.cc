#include "lib/heartbeat/endpoint.h"

#include <netinet/in.h>

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
    auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::copy(bytes.begin(), bytes.end(), v6.sin6_addr.s6_addr);
    size = sizeof v6;
  } else {
    auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    v4.sin_addr.s_addr = htonl(endpoint.address.v4());
    size = sizeof v4;
  }
}

std::optional<Endpoint> SocketAddress::endpoint() const {
  if (storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
    return Endpoint{NetAddress::fromV4(ntohl(v4.sin_addr.s_addr)), ntohs(v4.sin_port)};
  }
  if (storage.ss_family != AF_INET6) return std::nullopt;
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
  const auto address = NetAddress::fromBytes({v6.sin6_addr.s6_addr, 16});
  return address ? std::optional(Endpoint{*address, ntohs(v6.sin6_port)}) : std::nullopt;
}

}  // namespace libra::heartbeat
