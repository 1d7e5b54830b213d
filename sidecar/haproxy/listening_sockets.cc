#include "sidecar/haproxy/listening_sockets.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <vector>

#include "sidecar/program/dial.h"

namespace libra::sidecar::haproxy {

namespace {

constexpr int kPatienceMs = 2'000;
constexpr int kMostSockets = 252;  // what HAProxy sends in one message; we have a dozen
constexpr std::string_view kQuestion = "_getsocks\n";

Error lost(std::string_view why) {
  return Error{ErrorCode::Unavailable, "The proxy's listening sockets cannot be had", std::string(why)};
}

bool readable(const Fd& socket) {
  pollfd wait{socket.get(), POLLIN, 0};
  return ::poll(&wait, 1, kPatienceMs) == 1;
}

// One message with all the descriptors. Its bytes tell of interfaces and namespaces, which
// we do not use.
Result<std::vector<Fd>> receiveSockets(const Fd& socket) {
  std::array<char, 65'536> bytes;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kMostSockets)> control;
  iovec where{bytes.data(), bytes.size()};
  msghdr message{};
  message.msg_iov = &where;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (!readable(socket) || ::recvmsg(socket.get(), &message, MSG_CMSG_CLOEXEC) <= 0) return lost("no sockets in time");

  std::vector<Fd> sockets;
  for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    std::vector<int> numbers((part->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    std::memcpy(numbers.data(), CMSG_DATA(part), numbers.size() * sizeof(int));
    for (const int number : numbers) sockets.emplace_back(number);
  }
  return sockets;
}

// AF_INET or AF_INET6 when it listens on any address at that port, else 0.
int familyAt(const Fd& socket, std::uint16_t port) {
  sockaddr_in6 name{};  // an IPv4 name has its port at the same place
  socklen_t size = sizeof name;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&name), &size) != 0 || ntohs(name.sin6_port) != port)
    return 0;
  if (name.sin6_family == AF_INET6) return IN6_IS_ADDR_UNSPECIFIED(&name.sin6_addr) ? AF_INET6 : 0;
  sockaddr_in v4{};
  std::memcpy(&v4, &name, sizeof v4);
  return v4.sin_family == AF_INET && v4.sin_addr.s_addr == INADDR_ANY ? AF_INET : 0;
}

}  // namespace

Result<ListeningSockets> fetchListeningSockets(const std::string& stats_socket, std::uint16_t port) {
  const auto socket = dial(stats_socket);
  if (!socket) return socket.error();
  if (::send(socket->get(), kQuestion.data(), kQuestion.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(kQuestion.size()))
    return lost("the question could not be sent");
  int count = 0;
  if (!readable(*socket) || ::recv(socket->get(), &count, sizeof count, 0) != sizeof count) return lost("no answer");
  if (count < 1 || count > kMostSockets) return lost(fmt::format("{} sockets", count));

  auto sockets = receiveSockets(*socket);
  if (!sockets) return sockets.error();
  ListeningSockets found;
  for (auto& candidate : *sockets) {
    const int family = familyAt(candidate, port);
    if (family == AF_INET) found.v4 = std::move(candidate);
    if (family == AF_INET6) found.v6 = std::move(candidate);
  }
  if (!found.v4 || !found.v6) return lost(fmt::format("it does not listen on port {}", port));
  return found;
}

}  // namespace libra::sidecar::haproxy
