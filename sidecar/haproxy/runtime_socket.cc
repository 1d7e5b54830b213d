#include "sidecar/haproxy/runtime_socket.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sidecar/haproxy/words.h"

namespace libra::sidecar::haproxy {

namespace {

constexpr std::size_t kCommandsPerLine = 100;
constexpr std::size_t kMostAnswer = 16 << 20;  // of one line; the statistics of a full device are < 1 MB
constexpr std::string_view kPrompt = "\n> ";

Error lost(std::string_view why) {
  return Error{ErrorCode::Unavailable, "The proxy does not answer", fmt::format("stats socket: {}", why)};
}

Error lostBy(std::string_view what) { return lost(fmt::format("{}: {}", what, std::strerror(errno))); }

// As many commands as one line takes, joined; each gets an answer of its own.
std::string nextLine(const std::vector<std::string>& commands, std::size_t& next) {
  std::string line;
  const auto last = std::min(commands.size(), next + kCommandsPerLine);
  do {
    line += (line.empty() ? "" : ";") + commands[next++];
  } while (next < last && line.size() + 1 + commands[next].size() <= kLongestCommand);
  return line + "\n";
}

}  // namespace

Result<RuntimeSocket> RuntimeSocket::open(const std::string& path, const Clock& clock,
                                          std::chrono::milliseconds patience) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return lost("its path is too long");
  path.copy(address.sun_path, path.size());

  RuntimeSocket socket(Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)), clock, patience);
  if (!socket.fd_) return lostBy("socket");
  if (::connect(socket.fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return lostBy("connect " + path);

  const auto deadline = clock.monotonic() + patience;
  std::vector<std::string> greeting;
  if (auto status = socket.send("prompt\n", deadline); !status) return status.error();
  if (auto status = socket.receive(1, deadline, greeting); !status) return status.error();
  return socket;
}

Result<std::vector<std::string>> RuntimeSocket::run(const std::vector<std::string>& commands) {
  for (const auto& command : commands)
    if (command.empty() || command.size() > kLongestCommand || command.find('\n') != command.npos)
      return Error{ErrorCode::Internal, "The change cannot be expressed to the proxy", "malformed command"};

  std::vector<std::string> answers;
  for (std::size_t next = 0; next < commands.size();) {
    const auto deadline = clock_->monotonic() + patience_;
    const auto line = nextLine(commands, next);
    if (auto status = send(line, deadline); !status) return status.error();
    if (auto status = receive(next - answers.size(), deadline, answers); !status) return status.error();
  }
  return answers;
}

Status RuntimeSocket::send(std::string_view line, Instant deadline) {
  while (!line.empty()) {
    const auto sent = ::send(fd_.get(), line.data(), line.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      line.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EAGAIN && errno != EINTR) {
      return lostBy("send");
    } else if (auto status = wait(POLLOUT, deadline); !status) {
      return status;
    }
  }
  return ok();
}

// Appends `count` answers. There is one prompt per command, not per line.
Status RuntimeSocket::receive(std::size_t count, Instant deadline, std::vector<std::string>& answers) {
  std::string text;
  std::size_t searched = 0, received = 0;
  while (count > 0) {
    if (auto status = wait(POLLIN, deadline); !status) return status;
    char buffer[65'536];
    const auto got = ::recv(fd_.get(), buffer, sizeof buffer, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got < 0) return lostBy("receive");
    if (got == 0) return lost("closed in the middle of an answer");
    received += static_cast<std::size_t>(got);
    if (received > kMostAnswer) return lost("an answer without end");
    text.append(buffer, static_cast<std::size_t>(got));
    for (auto at = text.find(kPrompt, searched); at != text.npos && count > 0; at = text.find(kPrompt), --count) {
      answers.push_back(text.substr(0, at));
      while (!answers.back().empty() && answers.back().back() == '\n') answers.back().pop_back();
      text.erase(0, at + kPrompt.size());
      searched = 0;
    }
    searched = text.size() < kPrompt.size() ? 0 : text.size() - kPrompt.size();
  }
  return text.empty() ? ok() : lost("more answers than commands");
}

Status RuntimeSocket::wait(short events, Instant deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock_->monotonic());
  pollfd poll{fd_.get(), events, 0};
  const int ready = left.count() > 0 ? ::poll(&poll, 1, static_cast<int>(left.count())) : 0;
  if (ready == 0) return lost("no answer in time");
  if (ready < 0 && errno != EINTR) return lostBy("poll");
  return ok();
}

}  // namespace libra::sidecar::haproxy
