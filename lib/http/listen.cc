#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "lib/base/host_port.h"
#include "lib/http/server.h"

namespace libra::http {

namespace {

using AddressList = std::unique_ptr<addrinfo, FreeWith<freeaddrinfo>>;

Fd listeningSocket(const addrinfo& where) {
  Fd fd(::socket(where.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  const bool listening = fd && ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                         ::bind(fd.get(), where.ai_addr, where.ai_addrlen) == 0 && ::listen(fd.get(), 1024) == 0;
  return listening ? std::move(fd) : Fd();
}

}  // namespace

Result<Fd> listenTcp(const std::string& address) {
  const auto where = HostPort::parse(address);
  if (!where) return Error{ErrorCode::Invalid, "'" + address + "' is no address to listen on, want host:port"};
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(where->host.c_str(), std::to_string(where->port).c_str(), &hints, &found);
  if (failure != 0) return Error{ErrorCode::Invalid, address + ": " + ::gai_strerror(failure)};
  const AddressList list(found);
  Fd fd = listeningSocket(*list);
  if (!fd) return Error{ErrorCode::Unavailable, address + ": " + std::generic_category().message(errno)};
  return fd;
}

int localPort(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  return 0;
}

}  // namespace libra::http
