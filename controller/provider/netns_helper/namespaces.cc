#include "controller/provider/netns_helper/namespaces.h"

#include <sys/stat.h>

#include <charconv>
#include <filesystem>
#include <optional>

#include "controller/provider/netns_helper/command.h"
#include "controller/provider/netns_helper/process.h"

namespace libra::provider::netns {

namespace {

namespace fs = std::filesystem;

struct Identity {
  dev_t device;
  ino_t inode;
  bool operator==(const Identity&) const = default;
};

std::optional<Identity> identityOf(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return Identity{status.st_dev, status.st_ino};
}

std::optional<Identity> identityOf(pid_t pid) { return identityOf("/proc/" + std::to_string(pid) + "/ns/net"); }

std::vector<std::string> entries(const char* directory) {
  std::vector<std::string> names;
  std::error_code error;  // a directory that is not there has no entries
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error))
    names.push_back(at->path().filename());
  return names;
}

std::vector<pid_t> processesIn(const Identity& identity) {
  std::vector<pid_t> pids;
  for (const auto& name : entries("/proc")) {
    pid_t pid = 0;
    const auto end = std::from_chars(name.data(), name.data() + name.size(), pid).ptr;
    if (end == name.data() + name.size() && identityOf(pid) == identity) pids.push_back(pid);
  }
  return pids;
}

void killAndWait(pid_t pid, const Identity& identity) {
  const Process process = Process::of(pid);
  if (!process.handle || identityOf(pid) != identity) return;  // gone meanwhile
  killNow(process);
  waitForEnd(process, std::chrono::seconds(2));
}

}  // namespace

std::string namespacePath(const std::string& name) { return "/run/netns/" + name; }

std::vector<std::string> namespacesNamed(std::string_view prefix) {
  std::vector<std::string> found;
  for (auto& name : entries("/run/netns"))
    if (name.starts_with(prefix)) found.push_back(std::move(name));
  return found;
}

bool isInNamespace(pid_t pid, const std::string& name) {
  const auto identity = identityOf(namespacePath(name));
  return identity && identityOf(pid) == identity;
}

Status createNamespace(const std::string& name) {
  if (const auto removed = removeNamespace(name); !removed) return removed;
  return runCommand({"ip", "netns", "add", name});
}

Status killAllIn(const std::string& name) {
  const auto identity = identityOf(namespacePath(name));
  if (!identity || identity == identityOf("/proc/self/ns/net")) return ok();  // a mount that came off: our own
  for (int round = 0; round < 10; ++round) {  // what forks while it is killed needs more than one
    const auto pids = processesIn(*identity);
    if (pids.empty()) return ok();
    for (const pid_t pid : pids) killAndWait(pid, *identity);
  }
  return Error{ErrorCode::Internal, "namespace " + name + ": processes that do not die"};
}

Status removeNamespace(const std::string& name) {
  if (!fs::exists(namespacePath(name))) return ok();
  if (const auto killed = killAllIn(name); !killed) return killed;
  return runCommand({"ip", "netns", "delete", name});
}

}  // namespace libra::provider::netns
