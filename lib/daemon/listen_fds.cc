#include "lib/daemon/listen_fds.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>

#include "lib/log/log.h"

namespace libra::daemon {

namespace {

constexpr log::Logger kLog{"daemon"};
constexpr int kFirst = 3;
constexpr int kMost = 64;

int number(const char* text) {
  int value = -1;
  const std::string_view digits = text == nullptr ? "" : text;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc{} && end == digits.data() + digits.size() ? value : -1;
}

}  // namespace

std::vector<int> takeListenFds() {
  const bool for_us = number(std::getenv("LISTEN_PID")) == ::getpid();
  const int count = number(std::getenv("LISTEN_FDS"));
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
  std::vector<int> fds;
  if (!for_us || count > kMost) return fds;
  for (int fd = kFirst; fd < kFirst + count; ++fd) {
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
      fds.push_back(fd);
    else
      kLog.warn("LISTEN_FDS is {} but descriptor {} is not open", count, fd);
  }
  return fds;
}

}  // namespace libra::daemon
