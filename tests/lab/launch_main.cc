// Starts one server of the lab: detached, inside a network namespace, output to a log,
// pid to a file; a listening socket of the namespace we are in can be handed over, as
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
  std::string netns, listen, name, directory;
  std::vector<char*> command;
};

constexpr const char* kUsage =
    "Usage: lab-launch --name NAME --dir DIR [--netns NAMESPACE] [--listen HOST:PORT] -- COMMAND...\n"
    "Starts COMMAND detached with its output in DIR/NAME.log and its pid in DIR/NAME.pid.\n"
    "With --listen it gets that listening socket as descriptor 3 (LISTEN_FDS=1), opened\n"
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
      launch.listen = argv[i + 1];
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

void handOver(int listener) {
  if (::dup2(listener, 3) != 3 || ::fcntl(3, F_SETFD, 0) != 0) fail("dup2");  // dup2(3, 3) keeps close-on-exec
  ::setenv("LISTEN_FDS", "1", 1);
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

// In the child. Descriptors above the socket are closed: a daemon must not keep its
// starter's pipes open.
[[noreturn]] void become(Launch& launch, int listener, int failure_pipe) {
  ::setsid();
  if (listener >= 0) handOver(listener);
  if (!launch.netns.empty()) enter(launch.netns);
  redirectOutput(launch);
  const int first = listener >= 0 ? 4 : 3;
  ::dup2(failure_pipe, first);
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
  libra::Fd listener;
  if (!launch.listen.empty()) {
    auto opened = libra::http::listenTcp(launch.listen);
    if (!opened) {
      std::cerr << "lab-launch: " << opened.error().message << "\n";
      return 1;
    }
    listener = std::move(*opened);
  }
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail("pipe");
  const pid_t child = ::fork();
  if (child < 0) fail("fork");
  if (child == 0) become(launch, listener.get(), ends[1]);
  ::close(ends[1]);
  std::ofstream(launch.directory + "/" + launch.name + ".pid") << child << "\n";
  if (int error = 0; ::read(ends[0], &error, sizeof error) == sizeof error) {
    errno = error;
    fail(launch.command[0]);
  }
  return 0;
}
