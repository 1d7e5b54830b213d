#include "sidecar/steer/trial.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace libra::sidecar {

namespace {

constexpr int kPatienceMs = 1'000;

union Name {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

Name nameOf(const Destination& destination) {
  Name name{};
  const auto& bytes = destination.address->bytes();
  if (destination.address->isV6()) {
    name.v6 = {.sin6_family = AF_INET6,
               .sin6_port = htons(destination.port),
               .sin6_flowinfo = 0,
               .sin6_addr = {},
               .sin6_scope_id = 0};
    std::copy(bytes.begin(), bytes.end(), name.v6.sin6_addr.s6_addr);
  } else {
    name.v4.sin_family = AF_INET;
    name.v4.sin_port = htons(destination.port);
    std::memcpy(&name.v4.sin_addr, bytes.data(), sizeof name.v4.sin_addr);
  }
  return name;
}

Fd socketFor(const Destination& destination) {
  return Fd(::socket(destination.address->isV6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

// At a port the kernel chooses, told in `destination`; no socket: errno.
Fd bound(Destination& destination) {
  Fd socket = socketFor(destination);
  auto name = nameOf(destination);
  socklen_t size = sizeof name;
  if (!socket || ::bind(socket.get(), &name.any, size) != 0 || ::getsockname(socket.get(), &name.any, &size) != 0)
    return Fd();
  destination.port = ntohs(destination.address->isV6() ? name.v6.sin6_port : name.v4.sin_port);
  return socket;
}

}  // namespace

Result<Trial> Trial::begin(const NetAddress& loopback) {
  Destination here{loopback, 0}, target{loopback, 0};
  Fd listener = bound(here);
  if (!listener && (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT)) return Trial(target, Fd(), Fd());
  Fd reserved = listener ? bound(target) : Fd();
  if (!reserved || ::listen(listener.get(), 1) != 0)
    return Error{ErrorCode::Unavailable, "The device cannot steer connections",
                 loopback.str() + ": " + std::strerror(errno)};
  return Trial(std::move(target), std::move(listener), std::move(reserved));
}

bool Trial::arrives() const {
  const Fd client = socketFor(target_);
  const auto name = nameOf(target_);
  if (::connect(client.get(), &name.any, sizeof name) != 0 && errno != EINPROGRESS) return false;
  pollfd accepting{listener_.get(), POLLIN, 0};
  return ::poll(&accepting, 1, kPatienceMs) == 1;
}

}  // namespace libra::sidecar
