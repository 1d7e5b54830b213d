#include "controller/provider/line_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace libra::provider {

namespace {

Error failed(const std::string& what) { return {ErrorCode::Unavailable, what + ": " + std::strerror(errno)}; }

Status waitFor(int socket, short events, Deadline deadline) {
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd entry{socket, events, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::max<long long>(0, left.count() + 1)));
    if (ready > 0) return ok();
    if (ready == 0) return Error{ErrorCode::Unavailable, "no answer in time"};
    if (errno != EINTR) return failed("poll");
  }
}

}  // namespace

Result<Fd> connectTo(const std::string& socket_path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof address.sun_path) return Error{ErrorCode::Invalid, socket_path + ": too long"};
  socket_path.copy(address.sun_path, socket_path.size());
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return failed("socket");
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return failed(socket_path);
  return fd;
}

Result<std::string> readLine(int socket, std::size_t most, Deadline deadline) {
  std::string line;
  while (line.size() <= most) {
    if (const auto ready = waitFor(socket, POLLIN, deadline); !ready) return ready.error();
    char buffer[4096];
    const auto length = ::recv(socket, buffer, sizeof buffer, MSG_DONTWAIT);
    if (length == 0) return Error{ErrorCode::Unavailable, "connection closed"};
    if (length < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (length < 0) return failed("recv");
    line.append(buffer, static_cast<std::size_t>(length));
    if (const auto end = line.find('\n'); end != std::string::npos) return line.substr(0, end);
  }
  return Error{ErrorCode::Invalid, "line too long"};
}

Status writeLine(int socket, std::string_view line, Deadline deadline) {
  const std::string whole = std::string(line) + "\n";
  for (std::string_view rest = whole; !rest.empty();) {
    if (const auto ready = waitFor(socket, POLLOUT, deadline); !ready) return ready;
    const auto sent = ::send(socket, rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (sent < 0) return failed("send");
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return ok();
}

}  // namespace libra::provider
