#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>

#include "controller/provider/netns_helper/namespaces.h"
#include "controller/provider/netns_helper/process.h"

namespace libra::provider::netns {

namespace {

constexpr const char* kShownAt = "/mnt";  // exists everywhere

// Everything the child needs, made before the fork: this program has threads, so the
// child may only make plain system calls.
struct Prepared {
  Fd name_space, log, pid_file, null, program_folder;
  const char* directory;
  const char* program;  // inside program_folder
  std::vector<char*> argv;
  uid_t uid;
  gid_t gid;
  std::uint64_t capabilities = 0;
};

struct Failure {
  std::array<char, 40> step;
  int error;
};

[[noreturn]] void giveUp(int report, const char* step) {
  Failure failure{{}, errno};
  std::strncpy(failure.step.data(), step, failure.step.size() - 1);
  const auto written = ::write(report, &failure, sizeof failure);
  ::_exit(written == sizeof failure ? 127 : 126);
}

bool writeOwnPid(int fd) {
  std::array<char, 16> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size() - 1, ::getpid()).ptr;
  *end = '\n';
  const auto length = static_cast<std::size_t>(end + 1 - text.data());
  return ::write(fd, text.data(), length) == static_cast<ssize_t>(length);
}

bool setCapabilities(std::uint64_t mask) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
  for (std::size_t word = 0; word < 2; ++word) {
    const auto bits = static_cast<std::uint32_t>(mask >> (32 * word));
    data[word] = {bits, bits, bits};
  }
  if (::syscall(SYS_capset, &header, data.data()) != 0) return false;
  for (unsigned long cap = 0; cap < 64; ++cap)
    if ((mask >> cap & 1) != 0 && ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) != 0) return false;
  return true;
}

bool dropPrivileges(const Prepared& p) {
  if (p.uid == 0) return true;
  return ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0 && ::setgroups(0, nullptr) == 0 &&
         ::setresgid(p.gid, p.gid, p.gid) == 0 && ::setresuid(p.uid, p.uid, p.uid) == 0 &&
         setCapabilities(p.capabilities) && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

// HAProxy goes to its folder by the absolute path and back, and one that `user` may not
// enter (a checkout in /root) can be on that path. MS_SLAVE: what the host unmounts
// (network namespaces) goes from here as well.
bool showDirectory(const char* directory) {
  return ::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) == 0 &&
         ::mount(directory, kShownAt, nullptr, MS_BIND | MS_REC, nullptr) == 0 && ::chdir(kShownAt) == 0;
}

void defaultSignals() {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
}

[[noreturn]] void becomeProgram(const Prepared& p, int report) {
  defaultSignals();
  if (::setns(p.name_space.get(), CLONE_NEWNET) != 0) giveUp(report, "enter the namespace");
  if (::setsid() < 0) giveUp(report, "begin a session");
  if (!showDirectory(p.directory)) giveUp(report, "enter the directory");
  if (p.pid_file && !writeOwnPid(p.pid_file.get())) giveUp(report, "write the pid file");
  if (::dup2(p.null.get(), 0) < 0 || ::dup2(p.log.get(), 1) < 0 || ::dup2(p.log.get(), 2) < 0)
    giveUp(report, "open the log");
  if (!dropPrivileges(p)) giveUp(report, "drop privileges");
  static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  static char* const kEnvironment[] = {path, nullptr};
  ::syscall(SYS_execveat, p.program_folder.get(), p.program, p.argv.data(), kEnvironment, 0);
  giveUp(report, "run the program");
}

Result<Fd> open(const std::string& path, int flags) {
  Fd fd(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!fd) return Error{ErrorCode::Internal, path + ": " + std::strerror(errno)};
  return fd;
}

Result<Prepared> prepare(const Launch& what) {
  const std::string& program = what.argv[0];
  const auto slash = program.rfind('/') + 1;
  auto name_space = open(namespacePath(what.name_space), O_RDONLY);
  auto log = open(what.log, O_WRONLY | O_CREAT | O_APPEND);
  auto pid_file = what.pid_file.empty() ? Result<Fd>(Fd()) : open(what.pid_file, O_WRONLY | O_CREAT | O_TRUNC);
  auto null = open("/dev/null", O_RDONLY);
  auto folder = open(program.substr(0, slash), O_PATH | O_DIRECTORY);
  for (auto* fd : {&name_space, &log, &pid_file, &null, &folder})
    if (!*fd) return fd->error();

  Prepared p{*std::move(name_space), *std::move(log),        *std::move(pid_file),    *std::move(null),
             *std::move(folder),     what.directory.c_str(), program.c_str() + slash, {},
             what.user.uid,          what.user.gid};
  for (const auto& argument : what.argv) p.argv.push_back(const_cast<char*>(argument.c_str()));
  p.argv.push_back(nullptr);
  for (const int capability : what.capabilities) p.capabilities |= 1ULL << capability;
  return p;
}

}  // namespace

Result<Process> launch(const Launch& what) {
  const auto prepared = prepare(what);
  if (!prepared) return prepared.error();
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Error{ErrorCode::Internal, std::string("pipe: ") + std::strerror(errno)};
  const Fd outcome(ends[0]);
  Fd report(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return Error{ErrorCode::Internal, std::string("fork: ") + std::strerror(errno)};
  if (pid == 0) becomeProgram(*prepared, report.get());
  report = Fd();

  Failure failure{};
  ssize_t got = 0;
  while ((got = ::read(outcome.get(), &failure, sizeof failure)) < 0 && errno == EINTR) continue;
  if (got == 0) return Process::of(pid);  // closed by the exec
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) continue;
  failure.step.back() = '\0';
  return Error{ErrorCode::Internal,
               what.argv[0] + ": cannot " + failure.step.data() + ": " + std::strerror(failure.error)};
}

}  // namespace libra::provider::netns
