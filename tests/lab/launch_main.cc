// Starts one server of the lab: detached, inside a network namespace, output to a log,
// pid to a file; listening sockets of the namespace we are in can be handed over, as
// systemd's socket activation does.

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "lib/base/handles.h"
#include "lib/http/server.h"

namespace {

struct Launch {
  std::string netns, name, directory;
  std::vector<std::string> listen;
  std::vector<char*> command;
};

constexpr const char* kUsage =
    "Usage: lab-launch --name NAME --dir DIR [--netns NAMESPACE] [--listen HOST:PORT]... -- COMMAND...\n"
    "Starts COMMAND detached with its output in DIR/NAME.log and its pid in DIR/NAME.pid.\n"
    "With --listen it gets these listening sockets as descriptors 3, 4... (LISTEN_FDS), opened\n"
    "before the network namespace is entered.\n";

bool parse(int argc, char** argv, Launch& launch) {
  for (int i = 1; i < argc; i += 2) {
    const std::string option = argv[i];
    if (option == "--") {
      launch.command.assign(argv + i + 1, argv + argc);
      launch.command.push_back(nullptr);
      return launch.command.size() > 1 && !launch.name.empty() && !launch.directory.empty();
    }
    if (i + 1 >= argc) return false;
    if (option == "--netns")
      launch.netns = argv[i + 1];
    else if (option == "--listen")
      launch.listen.push_back(argv[i + 1]);
    else if (option == "--name")
      launch.name = argv[i + 1];
    else if (option == "--dir")
      launch.directory = argv[i + 1];
    else
      return false;
  }
  return false;
}

[[noreturn]] void fail(const std::string& what) {
  std::cerr << "lab-launch: " << what << ": " << std::strerror(errno) << "\n";
  std::exit(1);
}

void enter(const std::string& netns) {
  const libra::Fd handle(::open(("/run/netns/" + netns).c_str(), O_RDONLY | O_CLOEXEC));
  if (!handle || ::setns(handle.get(), CLONE_NEWNET) != 0) fail("network namespace " + netns);
}

constexpr int kFirst = 3;      // of the descriptors handed over
constexpr int kOutOfWay = 64;  // above all of them

// A dup that is in nobody's way and closed by exec.
int aside(int fd) {
  const int high = ::fcntl(fd, F_DUPFD_CLOEXEC, kOutOfWay);
  if (high < 0) fail("dup");
  return high;
}

// From above, since an fd that is where it belongs already would keep its close-on-exec.
void handOver(const std::vector<libra::Fd>& listeners) {
  std::vector<int> high;
  for (const auto& listener : listeners) high.push_back(aside(listener.get()));
  for (std::size_t i = 0; i < high.size(); ++i)
    if (::dup2(high[i], kFirst + static_cast<int>(i)) < 0) fail("dup2");
  ::setenv("LISTEN_FDS", std::to_string(high.size()).c_str(), 1);
  ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
}

void redirectOutput(const Launch& launch) {
  const std::string log = launch.directory + "/" + launch.name + ".log";
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  const int in = ::open("/dev/null", O_RDONLY);
  if (out < 0 || in < 0) fail(log);
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(out, 2);
}

// In the child. Descriptors above the sockets are closed: a daemon must not keep its
// starter's pipes open.
[[noreturn]] void become(Launch& launch, const std::vector<libra::Fd>& listeners, int failure_pipe) {
  ::setsid();
  const int pipe = aside(failure_pipe);
  if (!listeners.empty()) handOver(listeners);
  if (!launch.netns.empty()) enter(launch.netns);
  redirectOutput(launch);
  const int first = kFirst + static_cast<int>(listeners.size());
  ::dup2(pipe, first);
  ::fcntl(first, F_SETFD, FD_CLOEXEC);
  ::close_range(static_cast<unsigned>(first) + 1, ~0U, 0);
  ::execvp(launch.command[0], launch.command.data());
  const int error = errno;
  [[maybe_unused]] const auto told = ::write(first, &error, sizeof error);
  ::_exit(127);
}

}  // namespace

int main(int argc, char** argv) {
  Launch launch;
  if (!parse(argc, argv, launch)) {
    std::cerr << kUsage;
    return 2;
  }
  std::vector<libra::Fd> listeners;
  for (const auto& address : launch.listen) {
    auto opened = libra::http::listenTcp(address);
    if (!opened) {
      std::cerr << "lab-launch: " << opened.error().message << "\n";
      return 1;
    }
    listeners.push_back(std::move(*opened));
  }
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail("pipe");
  const pid_t child = ::fork();
  if (child < 0) fail("fork");
  if (child == 0) become(launch, listeners, ends[1]);
  ::close(ends[1]);
  std::ofstream(launch.directory + "/" + launch.name + ".pid") << child << "\n";
  if (int error = 0; ::read(ends[0], &error, sizeof error) == sizeof error) {
    errno = error;
    fail(launch.command[0]);
  }
  return 0;
}
