#include "controller/provider/netns_helper/command.h"

#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "controller/provider/netns_helper/process.h"
#include "lib/base/handles.h"

namespace libra::provider::netns {

namespace {

class FileActions {
 public:
  FileActions() { ::posix_spawn_file_actions_init(&actions_); }
  FileActions(const FileActions&) = delete;
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  void dup(int from, int to) { ::posix_spawn_file_actions_adddup2(&actions_, from, to); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

}  // namespace

std::string lastLineOf(int file) {
  std::array<char, 4096> buffer;
  const auto from = std::max<off_t>(0, ::lseek(file, 0, SEEK_END) - static_cast<off_t>(buffer.size()));
  const auto length = ::pread(file, buffer.data(), buffer.size(), from);
  std::string text(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(0, length)));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

Status runCommand(const std::vector<std::string>& argv, std::string_view input, std::chrono::milliseconds patience) {
  const auto failed = [&](const std::string& why) { return Error{ErrorCode::Internal, argv[0] + ": " + why}; };
  const Fd in(::memfd_create("input", MFD_CLOEXEC)), out(::memfd_create("output", MFD_CLOEXEC));
  if (!in || !out || ::pwrite(in.get(), input.data(), input.size(), 0) != static_cast<ssize_t>(input.size()))
    return failed(std::strerror(errno));
  FileActions actions;
  actions.dup(in.get(), STDIN_FILENO);
  actions.dup(out.get(), STDOUT_FILENO);
  actions.dup(out.get(), STDERR_FILENO);

  std::vector<char*> arguments;
  for (const auto& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, arguments[0], actions.get(), nullptr, arguments.data(), environ);
  if (error != 0) return failed(std::strerror(error));

  const bool in_time = waitForEnd(Process::of(pid), patience);
  if (!in_time) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  if (!in_time) return failed("not done in time");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return ok();
  return failed(lastLineOf(out.get()));
}

}  // namespace libra::provider::netns
