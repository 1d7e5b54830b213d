#include "sidecar/nginx/listener.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

namespace libra::sidecar::nginx {

namespace {

constexpr int kBacklog = 4096;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

SocketAddress socketAddress(const NetAddress& address, std::uint16_t port) {
  SocketAddress made;
  const auto& bytes = address.bytes();
  if (address.isV6()) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(made.storage);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::copy(bytes.begin(), bytes.end(), std::begin(v6.sin6_addr.s6_addr));
    made.size = sizeof v6;
  } else {
    auto& v4 = reinterpret_cast<sockaddr_in&>(made.storage);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    v4.sin_addr.s_addr = htonl(address.v4());
    made.size = sizeof v4;
  }
  return made;
}

bool switchOn(int socket, int level, int option) {
  const int on = 1;
  return ::setsockopt(socket, level, option, &on, sizeof on) == 0;
}

bool prepare(int socket, bool v6) {
  if (!switchOn(socket, SOL_SOCKET, SO_REUSEADDR) || !switchOn(socket, SOL_SOCKET, SO_REUSEPORT)) return false;
  if (!v6) return switchOn(socket, IPPROTO_IP, IP_FREEBIND);
  return switchOn(socket, IPPROTO_IPV6, IPV6_V6ONLY) && switchOn(socket, IPPROTO_IPV6, IPV6_FREEBIND);
}

}  // namespace

Result<Fd> listenOn(const NetAddress& address, std::uint16_t port) {
  const auto to = socketAddress(address, port);
  Fd fd(::socket(to.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd && prepare(fd.get(), address.isV6()) &&
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&to.storage), to.size) == 0 &&
      ::listen(fd.get(), kBacklog) == 0)
    return fd;
  return Error{ErrorCode::Unavailable, fmt::format("The device cannot listen on port {}", port),
               fmt::format("{} port {}: {}", address.str(), port, std::strerror(errno))};
}

}  // namespace libra::sidecar::nginx
