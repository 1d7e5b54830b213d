#include "controller/provider/netns_helper/supervisor.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cstdlib>

#include "lib/log/log.h"

namespace libra::provider::netns {

namespace {

constexpr log::Logger kLog{"netns"};
constexpr std::chrono::seconds kSoon{10};  // a shorter life than this counts against the program
const Backoff kBackoff{std::chrono::milliseconds(100), std::chrono::seconds(10)};

Instant now() { return std::chrono::steady_clock::now(); }

bool ended(const Process& process) { return process.handle && waitForEnd(process, std::chrono::milliseconds(0)); }

}  // namespace

Supervisor::Supervisor() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!wake_) std::abort();
  thread_ = std::thread([this] { run(); });
}

Supervisor::~Supervisor() {
  stopping_ = true;
  ::eventfd_write(wake_.get(), 1);
  thread_.join();
}

Status Supervisor::start(const std::string& device, const Launch& what) {
  auto process = launch(what);
  if (!process) return process.error();
  keep(device, what, *std::move(process));
  return ok();
}

void Supervisor::adopt(const std::string& device, const Launch& what) {
  keep(device, what, recorded(what.pid_file, what.name_space));
}

void Supervisor::keep(const std::string& device, const Launch& what, Process process) {
  programs_.lock()->push_back({device, what, std::move(process), now()});
  ::eventfd_write(wake_.get(), 1);
}

void Supervisor::forget(const std::string& device) {
  for (auto programs = programs_.lock(); auto& program : *programs)
    if (program.device == device) program.wanted = false;
  ::eventfd_write(wake_.get(), 1);
}

void Supervisor::run() {
  ::pthread_setname_np(::pthread_self(), "supervisor");
  while (!stopping_) {
    {
      auto programs = programs_.lock();
      buryDead(*programs);
      startDue(*programs);
    }
    waitForNews();
  }
}

void Supervisor::waitForNews() {
  std::vector<Process> running;  // holds the handles open while they are polled
  std::vector<pollfd> watched{{wake_.get(), POLLIN, 0}};
  Instant due = now() + std::chrono::minutes(1);
  for (auto programs = programs_.lock(); const auto& program : *programs) {
    if (!program.process.handle) {
      due = std::min(due, program.due);
      continue;
    }
    running.push_back(program.process);
    watched.push_back({program.process.handle->get(), POLLIN, 0});
  }
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(due - now());
  ::poll(watched.data(), watched.size(), static_cast<int>(std::max<long long>(0, wait.count())));
  eventfd_t count = 0;
  ::eventfd_read(wake_.get(), &count);
}

void Supervisor::buryDead(Programs& programs) {
  for (auto& program : programs) {
    if (!ended(program.process)) continue;
    reap(program.process);
    program.process = {};
    if (program.wanted) scheduleRestart(program);
  }
  programs.remove_if([](const Program& program) { return !program.wanted && !program.process.handle; });
}

void Supervisor::scheduleRestart(Program& program) {
  program.deaths = now() - program.since < kSoon ? program.deaths + 1 : 1;
  // The first time at once: clients wait.
  const auto delay = program.deaths == 1 ? std::chrono::milliseconds(0) : kBackoff.delay(program.deaths - 2);
  program.due = now() + delay;
  kLog.warn("device {}: {} died, starts again in {} ms", program.device, program.launch.argv[0], delay.count());
}

void Supervisor::startDue(Programs& programs) {
  for (auto& program : programs) {
    if (!program.wanted || program.process.handle || program.due > now()) continue;
    program.since = now();
    auto process = launch(program.launch);
    if (process) {
      program.process = *std::move(process);
    } else {
      kLog.error("device {}: {}", program.device, process.error().message);
      scheduleRestart(program);
    }
  }
}

}  // namespace libra::provider::netns
