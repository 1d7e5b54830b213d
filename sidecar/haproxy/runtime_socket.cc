#include "sidecar/haproxy/runtime_socket.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "sidecar/haproxy/words.h"
#include "sidecar/program/dial.h"

namespace libra::sidecar::haproxy {

namespace {

constexpr std::size_t kCommandsPerLine = 20;   // `add server` stops every thread: traffic gets its turn between lines
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

// Answers are full of line ends, which std::string::find() would stop at.
std::size_t findPrompt(const std::string& text, std::size_t from) {
  const auto* at = ::memmem(text.data() + from, text.size() - from, kPrompt.data(), kPrompt.size());
  return at ? static_cast<std::size_t>(static_cast<const char*>(at) - text.data()) : text.npos;
}

}  // namespace

Result<RuntimeSocket> RuntimeSocket::open(const std::string& path, const Clock& clock,
                                          std::chrono::milliseconds patience) {
  auto dialled = dial(path);
  if (!dialled) return dialled.error();
  RuntimeSocket socket(*std::move(dialled), clock, patience);

  if (auto status = socket.send("prompt\n", clock.monotonic() + patience); !status) return status.error();
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

// The proxy answers each line of the payload with "+ ".
Result<std::string> RuntimeSocket::run(const std::string& command, const Secret& payload) {
  if (command.empty() || command.size() > kLongestCommand || command.find('\n') != command.npos ||
      !isPayload(payload.reveal()))
    return Error{ErrorCode::Internal, "The change cannot be expressed to the proxy", "malformed command"};

  std::vector<std::string> answers;
  const auto deadline = clock_->monotonic() + patience_;
  const auto text = command + " <<\n" + payload.reveal() + "\n";
  if (auto status = send(text, deadline); !status) return status.error();
  if (auto status = receive(1, deadline, answers); !status) return status.error();
  return answers.front().substr(std::min(answers.front().find_first_not_of("+ \n"), answers.front().size()));
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

// Appends `count` answers; the one to "prompt" comes before the first of them. There is one prompt per command, not per
// line.
Status RuntimeSocket::receive(std::size_t count, Instant deadline, std::vector<std::string>& answers) {
  std::string text;
  std::size_t begin = 0, searched = 0;  // of the next answer; up to where there is no prompt
  const auto first = static_cast<std::ptrdiff_t>(answers.size());
  if (!greeted_) ++count;
  while (count > 0) {
    if (auto status = wait(POLLIN, deadline); !status) return status;
    char buffer[65'536];
    const auto got = ::recv(fd_.get(), buffer, sizeof buffer, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got < 0) return lostBy("receive");
    if (got == 0) return lost("closed in the middle of an answer");
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > kMostAnswer) return lost("an answer without end");
    for (auto at = findPrompt(text, searched); at != text.npos && count > 0; at = findPrompt(text, begin), --count) {
      answers.push_back(text.substr(begin, at - begin));
      while (!answers.back().empty() && answers.back().back() == '\n') answers.back().pop_back();
      begin = at + kPrompt.size();
    }
    searched = std::max(begin, text.size() - std::min(text.size(), kPrompt.size()));
  }
  if (!std::exchange(greeted_, true)) answers.erase(answers.begin() + first);
  return begin == text.size() ? ok() : lost("more answers than commands");
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
