#include "sidecar/haproxy/master.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <filesystem>

#include "sidecar/haproxy/words.h"
#include "sidecar/program/dial.h"

namespace libra::sidecar::haproxy {

namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr std::chrono::milliseconds kLookAgain{5};
constexpr int kAnswerMs = 2'000;
constexpr std::size_t kMostAnswer = 64 << 10;

Error lost(std::string_view why) {
  return Error{ErrorCode::Unavailable, "The proxy cannot be replaced now", fmt::format("master socket: {}", why)};
}

}  // namespace

bool Master::present() const {
  std::error_code error;
  return !socket_.empty() && std::filesystem::is_socket(socket_, error);
}

// The master becomes a new image of itself at once, which is the end of this connection; and
// until it has read its files and begun to listen again, as after its start, it refuses others.
Result<pid_t> Master::replaceWorker(pid_t serving) const {
  const auto deadline = clock_.monotonic() + kPatience;
  auto said = say("reload\n");
  for (; !said && clock_.monotonic() < deadline; said = say("reload\n")) clock_.pause(kLookAgain);
  if (!said) return said.error();
  static_cast<void>(hear(*said));
  while (clock_.monotonic() < deadline) {
    const auto now = worker();
    if (now && *now != serving) return *now;
    if (now) return lost(fmt::format("no other worker starts, {} serves on; HAProxy's log tells why", serving));
    clock_.pause(kLookAgain);
  }
  return lost("no worker in time");
}

Result<Fd> Master::say(std::string_view command) const {
  auto connection = dial(socket_);
  if (!connection) return connection.error();
  const auto sent = ::send(connection->get(), command.data(), command.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(command.size()) || ::shutdown(connection->get(), SHUT_WR) != 0)
    return lost("closed");
  return connection;
}

Result<std::string> Master::hear(const Fd& connection) const {
  std::string answer;
  for (;;) {
    pollfd ready{connection.get(), POLLIN, 0};
    if (::poll(&ready, 1, kAnswerMs) != 1) return lost("no answer in time");
    char buffer[4096];
    const auto got = ::recv(connection.get(), buffer, sizeof buffer, 0);
    if (got < 0 || answer.size() > kMostAnswer) return lost("the answer broke off");
    if (got == 0) return answer;
    answer.append(buffer, static_cast<std::size_t>(got));
  }
}

Result<pid_t> Master::worker() const {
  const auto connection = say("show proc\n");
  if (!connection) return connection.error();
  const auto answer = hear(*connection);
  return answer ? parseWorker(*answer) : answer.error();
}

Result<pid_t> parseWorker(std::string_view processes) {
  constexpr std::string_view kHeading = "# workers\n";
  const auto at = processes.find(kHeading);
  const auto row = at == processes.npos ? std::string_view() : processes.substr(at + kHeading.size());
  const auto pid = numberOf<pid_t>(row.substr(0, row.find(' ')));
  if (pid && *pid > 0) return *pid;
  return lost(fmt::format("show proc: {}", processes.substr(0, 200)));
}

}  // namespace libra::sidecar::haproxy
