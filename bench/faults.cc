#include "bench/faults.h"

#include <csignal>
#include <fstream>
#include <sstream>

#include "bench/running_libra.h"

namespace libra::bench {

namespace {

std::string outputOf(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "re");
  if (pipe == nullptr) die("popen");
  std::string output;
  char buffer[4096];
  for (std::size_t got; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, got);
  if (::pclose(pipe) != 0) die(command);
  return output;
}

std::string folderOf(const Victim& victim) { return victim.run + "/devices/" + victim.name; }

// The port of the bridge it is plugged into: as if the cable were pulled at the switch.
void cut(const Victim& victim) {
  std::string key, equals;
  int index = 0;
  std::ifstream(folderOf(victim) + "/device.toml") >> key >> equals >> index;
  outputOf("ip -n " + victim.prefix + "-net link set device" + std::to_string(index) + " down");
}

void kill(int pid) {
  if (pid <= 1 || ::kill(pid, SIGKILL) != 0) die("no process to kill");
}

void kill(const Victim& victim, const char* program) {
  int pid = 0;
  std::ifstream(folderOf(victim) + "/" + program + ".pid") >> pid;
  kill(pid);
}

void killAll(const Victim& victim) {
  std::istringstream pids(outputOf("ip netns pids " + victim.prefix + "-" + victim.name));
  for (int pid = 0; pids >> pid;) kill(pid);
}

}  // namespace

const std::vector<FaultName>& faults() {
  static const std::vector<FaultName> all{{Fault::LinkCut, "link", "link cut"},
                                          {Fault::HostKilled, "host", "host killed"},
                                          {Fault::AllKilled, "all", "all processes killed"},
                                          {Fault::ProxyKilled, "proxy", "HAProxy only killed"}};
  return all;
}

void strike(const Victim& victim, Fault fault) {
  switch (fault) {
    case Fault::LinkCut:
      return cut(victim);
    case Fault::HostKilled:  // no last word of its kernel comes out
      cut(victim);
      return killAll(victim);
    case Fault::AllKilled:
      kill(victim, "haproxy");
      return kill(victim, "sidecar");
    case Fault::ProxyKilled:
      return kill(victim, "haproxy");
  }
}

}  // namespace libra::bench
