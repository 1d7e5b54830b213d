#include "sidecar/reachable.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <memory>

#include "lib/base/handles.h"

namespace libra::sidecar {

namespace {

using Addresses = std::unique_ptr<addrinfo, FreeWith<freeaddrinfo>>;

// "10.0.0.1:80", "[fd77::1]:80", "example.org:80"
Addresses resolve(const std::string& target) {
  const auto colon = target.rfind(':');
  if (colon == target.npos) return nullptr;
  std::string host = target.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), target.substr(colon + 1).c_str(), &hints, &found) != 0) return nullptr;
  return Addresses(found);
}

bool connects(const addrinfo& address, std::chrono::milliseconds patience) {
  const Fd socket(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return false;
  if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0) return true;
  pollfd wait{.fd = socket.get(), .events = POLLOUT, .revents = 0};
  if (::poll(&wait, 1, static_cast<int>(patience.count())) != 1) return false;
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

}  // namespace

bool reachable(const std::string& target, std::chrono::milliseconds patience) {
  const auto addresses = resolve(target);
  return addresses && connects(*addresses, patience);
}

}  // namespace libra::sidecar
