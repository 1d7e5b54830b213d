#include "sidecar/program/run_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

#include "lib/base/handles.h"

extern char** environ;

namespace libra::sidecar {

namespace {

constexpr int kPatienceMs = 20'000;
constexpr std::size_t kMostOutput = 64 << 10;

// Until the program closes its output, stays silent for too long, or says too much.
bool readAll(int fd, std::string& text) {
  char buffer[4096];
  for (;;) {
    pollfd ready{fd, POLLIN, 0};
    if (::poll(&ready, 1, kPatienceMs) <= 0) return false;
    const auto got = ::read(fd, buffer, sizeof buffer);
    if (got <= 0) return got == 0;
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > kMostOutput) return false;
  }
}

}  // namespace

Error cannotRun(const std::string& binary, const std::string& why) {
  return Error{ErrorCode::Unavailable, "The proxy cannot be run", fmt::format("{}: {}", binary, why)};
}

Result<Output> runProgram(const std::vector<std::string>& words) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return cannotRun(words.front(), std::strerror(errno));
  const Fd reader(ends[0]);
  Fd writer(ends[1]);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, writer.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, writer.get(), STDERR_FILENO);
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return cannotRun(words.front(), std::strerror(error));

  writer = Fd();
  Output output;
  const bool ended = readAll(reader.get(), output.text);
  if (!ended) ::kill(pid, SIGKILL);
  while (::waitpid(pid, &output.status, 0) < 0 && errno == EINTR) {
  }
  if (!ended) return cannotRun(words.front(), "no end in time");
  return output;
}

Result<std::string> versionOf(const std::string& binary, const std::string& before) {
  const auto output = runProgram({binary, "-v"});
  if (!output) return output.error();
  const auto at = output->text.find(before);
  if (at == std::string::npos) return cannotRun(binary, output->text);
  const auto version = output->text.substr(at + before.size());
  return version.substr(0, version.find_first_of(" \n"));
}

}  // namespace libra::sidecar
