#include "sidecar/program/dial.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace libra::sidecar {

namespace {

Error lost(const std::string& path, const char* why) {
  return Error{ErrorCode::Unavailable, "The proxy does not answer", fmt::format("connect {}: {}", path, why)};
}

}  // namespace

Result<Fd> dial(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return lost(path, "the path is too long");
  path.copy(address.sun_path, path.size());
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return lost(path, std::strerror(errno));
  return socket;
}

}  // namespace libra::sidecar
