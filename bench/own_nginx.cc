#include "bench/own_nginx.h"

#include <signal.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "lib/base/files.h"

namespace libra::bench {

namespace {

std::string contentsOf(const std::string& file) {
  auto text = readFile(file);
  return text ? *std::move(text) : std::string();
}

std::string fileOf(pid_t pid, const std::string& name) { return "/proc/" + std::to_string(pid) + "/" + name; }

bool hasTitle(pid_t pid, const std::string& part) {
  return contentsOf(fileOf(pid, "cmdline")).find(part) != std::string::npos;
}

std::vector<pid_t> workersOf(pid_t master) {
  std::istringstream children(contentsOf(fileOf(master, "task/" + std::to_string(master) + "/children")));
  std::vector<pid_t> found;
  for (pid_t child = 0; children >> child;)
    if (hasTitle(child, "worker process")) found.push_back(child);
  return found;
}

double pssKilobyte(pid_t pid) {
  std::ifstream rollup(fileOf(pid, "smaps_rollup"));
  for (std::string word; rollup >> word;)
    if (double kilobyte = 0; word == "Pss:" && rollup >> kilobyte) return kilobyte;
  return 0;  // it has just ended
}

}  // namespace

OwnNginx::OwnNginx(const std::string& folder)
    : process_("/usr/sbin/nginx", {"-p", folder, "-e", folder + "/error.log", "-c", folder + "/nginx.conf", "-g",
                                   "daemon off; user root;"}) {
  waitUntil([this] { return workers() != 0; }, "nginx did not start");
}

double OwnNginx::cpuMicros() const {
  double sum = 0;
  for (const auto pid : workersOf(process_.pid())) sum += cpuMicrosOf(pid);
  return sum;
}

double OwnNginx::workersMegabyte() const {
  double sum = 0;
  for (const auto pid : workersOf(process_.pid())) sum += pssKilobyte(pid) / 1024;
  return sum;
}

std::size_t OwnNginx::workers() const { return workersOf(process_.pid()).size(); }

std::vector<pid_t> OwnNginx::serving() const {
  auto pids = workersOf(process_.pid());
  std::erase_if(pids, [](pid_t pid) { return hasTitle(pid, "shutting down"); });
  return pids;
}

void OwnNginx::reload() const {
  const auto before = serving();
  ::kill(process_.pid(), SIGHUP);
  waitUntil(
      [&] {
        const auto now = serving();
        return !now.empty() && std::find_first_of(now.begin(), now.end(), before.begin(), before.end()) == now.end();
      },
      "nginx was not reloaded");
}

}  // namespace libra::bench
