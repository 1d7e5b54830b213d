#include "bench/own_process.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "bench/running_libra.h"
#include "lib/base/handles.h"

namespace libra::bench {

namespace {

constexpr std::chrono::seconds kPatience{10};

pid_t start(const std::string& binary, const std::vector<std::string>& arguments) {
  std::vector<char*> argv{const_cast<char*>(binary.c_str())};
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t parent = ::getpid(), pid = ::fork();
  if (pid != 0) return pid;
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // a master killed at once would leave its workers behind
  const int nothing = ::open("/dev/null", O_RDWR);
  for (int fd : {0, 1, 2}) ::dup2(nothing, fd);
  if (::getppid() == parent) ::execv(binary.c_str(), argv.data());
  ::_exit(127);
}

}  // namespace

Folder::Folder() : path_("/tmp/libra-bench-XXXXXX") {
  if (::mkdtemp(path_.data()) == nullptr) die("no folder under /tmp");
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

OwnProcess::OwnProcess(const std::string& binary, const std::vector<std::string>& arguments)
    : pid_(start(binary, arguments)) {
  if (pid_ < 0) die("cannot start " + binary);
}

OwnProcess::~OwnProcess() {
  ::kill(-pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

double cpuMicrosOf(pid_t pid) {
  double sum = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    double nanos = 0;
    std::ifstream(task.path() / "schedstat") >> nanos;
    sum += nanos / 1'000;
  }
  return sum;
}

void waitUntil(const std::function<bool()>& done, const std::string& what) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) die(what);
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
}

std::uint16_t freePort() {
  static std::uint16_t next = static_cast<std::uint16_t>(20'000 + ::getpid() % 10'000);
  for (;;) {
    const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(++next);
    if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&where), sizeof where) == 0) return next;
  }
}

}  // namespace libra::bench
