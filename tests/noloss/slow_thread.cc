#include "tests/noloss/slow_thread.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace libra::test {

namespace {

constexpr int kBusy = 2, kNice = 5;  // it still has a seventh of the processor (weights 335 and 1024)

// A thread that has ended meanwhile (ESRCH) is put aside enough.
void keepToTheLastProcessor(pid_t thread) {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(std::thread::hardware_concurrency() - 1, &only);
  if (::sched_setaffinity(thread, sizeof only, &only) != 0 && errno != ESRCH)
    throw std::runtime_error("cannot choose a processor");
}

void putAside(pid_t thread) {
  keepToTheLastProcessor(thread);
  if (::setpriority(PRIO_PROCESS, static_cast<id_t>(thread), kNice) != 0 && errno != ESRCH)
    throw std::runtime_error("cannot be nice");
}

std::string tasksOf(pid_t process) { return "/proc/" + std::to_string(process) + "/task"; }

// A process that has ended meanwhile has none.
pid_t lastThreadOf(pid_t process) {
  pid_t last = 0;
  std::error_code gone;
  for (const auto& task : std::filesystem::directory_iterator(tasksOf(process), gone))
    last = std::max(last, static_cast<pid_t>(std::stoi(task.path().filename())));
  return last;
}

void slowChildrenOf(pid_t process) {
  std::ifstream children(tasksOf(process) + "/" + std::to_string(process) + "/children");
  for (pid_t child = 0; children >> child;) {
    if (const auto last = lastThreadOf(child); last > child) putAside(last);
    slowChildrenOf(child);
  }
}

}  // namespace

SlowThread::SlowThread() {
  for (int i = 0; i < kBusy; ++i)
    busy_.emplace_back([this] {
      keepToTheLastProcessor(0);
      while (!ended_.load(std::memory_order_relaxed)) continue;
    });
}

SlowThread::~SlowThread() {
  ended_ = true;
  for (auto& thread : busy_) thread.join();
}

void SlowThread::slow() const { slowChildrenOf(::getpid()); }

}  // namespace libra::test
