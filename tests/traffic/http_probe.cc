#include "tests/traffic/http_probe.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <optional>

#include "lib/base/handles.h"

namespace libra::traffic {

namespace {

using Clock = std::chrono::steady_clock;

bool waitFor(int fd, short events, Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  pollfd entry{fd, events, 0};
  const bool ready = left >= 0 && ::poll(&entry, 1, static_cast<int>(left) + 1) == 1;
  if (!ready) errno = ETIMEDOUT;
  return ready;
}

bool connectTo(int fd, const sockaddr_storage& address, socklen_t length, Clock::time_point deadline) {
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), length) == 0) return true;
  if (errno != EINPROGRESS || !waitFor(fd, POLLOUT, deadline)) return false;
  socklen_t size = sizeof errno;
  int error = 0;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  errno = error;
  return error == 0;
}

// Reads until the peer closes: the request says "Connection: close".
bool readAll(int fd, std::string& text, Clock::time_point deadline) {
  char buffer[4096];
  while (waitFor(fd, POLLIN, deadline)) {
    const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got == 0) return true;
    if (got < 0) return false;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return false;
}

// A header's value up to its first ';'; `start` in lower case: HAProxy writes names so,
// other proxies do not.
std::string header(const std::string& head, const std::string& start) {
  std::string lower = head;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto at = lower.find("\r\n" + start);
  if (at == std::string::npos) return {};
  const auto from = at + 2 + start.size();
  return head.substr(from, head.find_first_of("\r;", from) - from);
}

}  // namespace

socklen_t socketAddress(const NetAddress& address, std::uint16_t port, sockaddr_storage& out) {
  if (address.isV6()) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(out);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&v6.sin6_addr, address.bytes().data(), 16);
    return sizeof v6;
  }
  auto& v4 = reinterpret_cast<sockaddr_in&>(out);
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  std::memcpy(&v4.sin_addr, address.bytes().data(), 4);
  return sizeof v4;
}

Answer HttpProbe::get(const std::string& path, const std::string& headers) const {
  Answer answer;
  const auto deadline = Clock::now() + timeout_;
  sockaddr_storage address{};
  const socklen_t length = socketAddress(address_, port_, address);
  const Fd fd(::socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const std::string request =
      "GET " + path + " HTTP/1.1\r\nHost: libra.example\r\nConnection: close\r\n" + headers + "\r\n";
  std::string text;
  if (!connectTo(fd.get(), address, length, deadline) ||
      ::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()) ||
      !readAll(fd.get(), text, deadline)) {
    answer.error = std::strerror(errno);
    return answer;
  }
  const auto end = text.find("\r\n\r\n");
  if (end == std::string::npos || text.compare(0, 7, "HTTP/1.") != 0) {
    answer.error = text.empty() ? "closed without an answer" : "no HTTP answer";
    return answer;
  }
  const std::string head = text.substr(0, end);
  answer.status = std::atoi(head.c_str() + 9);
  answer.node = header(head, "x-node: ");
  answer.cookie = header(head, "set-cookie: serverid=");
  return answer;
}

bool enterNetns(const std::string& name) {
  const Fd handle(::open(("/run/netns/" + name).c_str(), O_RDONLY | O_CLOEXEC));
  return handle && ::setns(handle.get(), CLONE_NEWNET) == 0;
}

}  // namespace libra::traffic
