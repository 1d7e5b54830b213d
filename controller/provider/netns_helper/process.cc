#include "controller/provider/netns_helper/process.h"

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <charconv>
#include <csignal>

#include "controller/provider/netns_helper/namespaces.h"
#include "lib/base/files.h"

namespace libra::provider::netns {

Process Process::of(pid_t pid) {
  const auto fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));  // glibc 2.36 declares it for C only
  return fd < 0 ? Process{} : Process{pid, std::make_shared<const Fd>(fd)};
}

bool waitForEnd(const Process& process, std::chrono::milliseconds patience) {
  if (!process.handle) return true;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd entry{process.handle->get(), POLLIN, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::max<long long>(0, left.count() + 1)));
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

void killNow(const Process& process) {
  ::syscall(SYS_pidfd_send_signal, process.handle->get(), SIGKILL, nullptr, 0);  // fails only when it is gone
}

void reap(const Process& process) {
  siginfo_t info{};
  ::waitid(P_PIDFD, static_cast<id_t>(process.handle->get()), &info, WEXITED | WNOHANG);
}

Process recorded(const std::string& pid_file, const std::string& name_space) {
  const auto text = readFile(pid_file, 32);
  if (!text) return {};
  pid_t pid = 0;
  std::from_chars(text->data(), text->data() + text->size(), pid);
  Process process = pid > 0 ? Process::of(pid) : Process{};
  const bool lives_there = process.handle && isInNamespace(pid, name_space);
  return lives_there ? process : Process{};
}

}  // namespace libra::provider::netns
