#include "lib/gear/own_process.h"

#include <dirent.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>
#include <memory>
#include <optional>

#include "lib/base/handles.h"

namespace libra::gear {

namespace {

struct End {
  in_addr_t address;
  in_port_t port;
  bool operator==(const End&) const = default;
};

using Name = int (*)(int, sockaddr*, socklen_t*);

std::optional<End> end(Name name, int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (name(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0 || address.sin_family != AF_INET) return std::nullopt;
  return End{address.sin_addr.s_addr, address.sin_port};
}

}  // namespace

bool isOwnConnection(int accepted) {
  const auto here = end(::getsockname, accepted);
  const auto there = end(::getpeername, accepted);
  if (!here || !there) return false;
  const std::unique_ptr<DIR, FreeWith<::closedir>> descriptors(::opendir("/proc/self/fd"));
  if (!descriptors) return false;
  while (const dirent* entry = ::readdir(descriptors.get())) {
    const int fd = std::atoi(entry->d_name);  // "." and ".." become 0, which is looked at anyway
    if (end(::getsockname, fd) == there && end(::getpeername, fd) == here) return true;
  }
  return false;
}

}  // namespace libra::gear
