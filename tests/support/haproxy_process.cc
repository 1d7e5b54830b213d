#include "tests/support/haproxy_process.h"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <stdexcept>

#include "lib/base/clock.h"
#include "lib/base/files.h"
#include "sidecar/haproxy/config_text.h"
#include "sidecar/haproxy/process_info.h"
#include "sidecar/haproxy/runtime_socket.h"

namespace libra::test {

HaproxyProcess::HaproxyProcess(const std::string& steering) {
  config_.steering = steering;
  liveIn(directory_);
  // Another test may take a port between its choice and its use.
  for (int attempt = 0; attempt < 5; ++attempt) {
    config_.management = "127.0.0.1:" + std::to_string(freePort());
    config_.ports.clear();
    for (int i = 0; i < 4; ++i) config_.ports.push_back(static_cast<std::uint16_t>(freePort()));
    std::filesystem::remove(directory_ / "haproxy.cfg");
    if (auto status = sidecar::writeBaseConfig("haproxy", config_); !status)
      throw std::runtime_error(status.error().detail);
    try {
      start();
      return;
    } catch (const std::runtime_error&) {
      if (attempt == 4) throw;
    }
  }
}

HaproxyProcess::HaproxyProcess(const HaproxyProcess& original) : config_(original.config_) {
  liveIn(directory_);
  config_.management = "127.0.0.1:" + std::to_string(freePort());
  for (const auto& file : std::filesystem::directory_iterator(original.config_.directory + "/current/"))
    std::filesystem::copy(file.path(), directory_ / file.path().filename().string(),
                          std::filesystem::copy_options::recursive);
  std::filesystem::create_directory_symlink(".", directory_ / "current");

  auto text = *readFile(directory_ / "haproxy.cfg");
  const auto put = [&](const std::string& old, const std::string& now) {
    for (auto at = text.find(old); at != text.npos; at = text.find(old, at + now.size()))
      text.replace(at, old.size(), now);
  };
  put(original.config_.stats_socket, config_.stats_socket);
  put("bind " + original.config_.management, "bind " + config_.management);
  for (const auto port : original.config_.ports) {
    const auto other = std::to_string(freePort());
    put("bind 0.0.0.0:" + std::to_string(port) + "\n", "bind 0.0.0.0:" + other + "\n");
    put("bind [::]:" + std::to_string(port) + " ", "bind [::]:" + other + " ");
  }
  // Its ports are others only to let both listen: the driver shall take it for the same.
  auto before = *sidecar::haproxy::baseOf(original.config_), after = *sidecar::haproxy::baseOf(config_);
  for (const bool in_use_only : {false, true}) {
    before.slots_in_use_only = after.slots_in_use_only = in_use_only;
    put(before.text(), after.text());
  }
  if (auto written = replaceFile(directory_ / "haproxy.cfg", text); !written)
    throw std::runtime_error(written.error().detail);
  start();
}

void HaproxyProcess::liveIn(const TempDir& directory) {
  config_.directory = directory.path();
  config_.stats_socket = directory / "haproxy.sock";
  config_.master_socket = directory / "master.sock";
}

// A worker ends with its master; what begins next must not find it. It may be another by now
// than the one of the start: the driver can replace it.
// A busy machine stops it only a moment after the signal.
void HaproxyProcess::stopAnswering() {
  const auto isStopped = [this] {
    std::ifstream stat("/proc/" + std::to_string(worker_) + "/stat");
    const std::string text((std::istreambuf_iterator<char>(stat)), {});
    return text.find(") T ") != std::string::npos;
  };
  if (::kill(worker_, SIGSTOP) != 0 || !waitFor(isStopped)) throw std::runtime_error("HAProxy does not stop");
}

void HaproxyProcess::kill() {
  if (!process_) return;
  static_cast<void>(meetWorker());
  process_.reset();
  pollfd end{worker_end_.get(), POLLIN, 0};
  if (::poll(&end, 1, 2'000) != 1) ::kill(worker_, SIGKILL);
}

Status HaproxyProcess::meetWorker() {
  const SystemClock clock;
  auto socket = sidecar::haproxy::RuntimeSocket::open(config_.stats_socket, clock);
  const auto worker = socket ? sidecar::haproxy::readProcess(*socket) : socket.error();
  if (!worker) return worker.error();
  worker_ = worker->pid;
  worker_end_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, worker_, 0)));
  return ok();
}

void HaproxyProcess::start() {
  const std::vector<std::string> command{config_.binary,        "-W", "-S",
                                         config_.master_socket, "-f", config_.directory + "/haproxy.cfg"};
  process_ = std::make_unique<ChildProcess>(command, directory_ / "haproxy.log");
  Status met = ok();
  const bool answers = waitFor([&] { return process_->hasEnded() || (met = meetWorker()); });
  if (process_->hasEnded()) throw std::runtime_error("haproxy did not start: " + process_->output());
  if (!answers) throw std::runtime_error("haproxy does not answer: " + met.error().detail);
}

}  // namespace libra::test
