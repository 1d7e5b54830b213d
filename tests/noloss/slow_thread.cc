#include "tests/noloss/slow_thread.h"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace libra::test {

namespace {

constexpr int kBusy = 2, kNice = 5;  // it still has a tenth of the processor

void keepToTheLastProcessor(pid_t thread) {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(std::thread::hardware_concurrency() - 1, &only);
  if (::sched_setaffinity(thread, sizeof only, &only) != 0) throw std::runtime_error("cannot choose a processor");
}

void putAside(pid_t thread) {
  keepToTheLastProcessor(thread);
  if (::setpriority(PRIO_PROCESS, static_cast<id_t>(thread), kNice) != 0) throw std::runtime_error("cannot be nice");
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

void SlowThread::slow(pid_t process) const {
  const auto tasks = "/proc/" + std::to_string(process) + "/task";
  pid_t last = process;
  for (const auto& task : std::filesystem::directory_iterator(tasks))
    last = std::max(last, static_cast<pid_t>(std::stoi(task.path().filename())));
  if (last != process) putAside(last);

  std::ifstream children(tasks + "/" + std::to_string(process) + "/children");
  for (pid_t child = 0; children >> child;) slow(child);
}

}  // namespace libra::test
