#include "lib/daemon/sd_notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "lib/base/handles.h"

namespace libra::daemon {

namespace {

template <typename T>
std::optional<T> variable(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return std::nullopt;
  T value{};
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), value);
  if (error != std::errc{} || *end != '\0') return std::nullopt;
  return value;
}

}  // namespace

bool notify(std::string_view message) {
  const char* variable_text = std::getenv("NOTIFY_SOCKET");
  if (variable_text == nullptr) return true;
  const std::string_view path = variable_text;
  sockaddr_un address{};
  if (path.size() < 2 || path.size() >= sizeof address.sun_path) return false;
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  if (path[0] == '@') address.sun_path[0] = '\0';  // abstract name space
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());

  const Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) return false;
  const auto sent = ::sendto(fd.get(), message.data(), message.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&address), length);
  return sent == static_cast<ssize_t>(message.size());
}

bool notifyStatus(std::string_view text) {
  std::string line = "STATUS=" + std::string(text);
  for (char& c : line)
    if (c == '\n') c = ' ';  // would begin another assignment
  return notify(line);
}

std::optional<std::chrono::microseconds> watchdogPeriod() {
  const auto period = variable<long long>("WATCHDOG_USEC");
  const auto pid = variable<pid_t>("WATCHDOG_PID");
  if (!period || *period <= 0 || (pid && *pid != ::getpid())) return std::nullopt;
  return std::chrono::microseconds(*period);
}

Watchdog::Watchdog(EventLoop& loop) {
  const auto period = watchdogPeriod();
  if (!period || !std::getenv("NOTIFY_SOCKET")) return;
  timer_ = std::make_unique<Timer>(loop, [] { notify("WATCHDOG=1"); });
  timer_->every(std::max(Millis(1), std::chrono::duration_cast<Millis>(*period / 2)));
}

}  // namespace libra::daemon
