#include "sidecar/haproxy/local_ports.h"

#include "lib/base/files.h"
#include "sidecar/haproxy/words.h"

namespace libra::sidecar::haproxy {

namespace {

constexpr std::string_view kTimeWait = "06";  // binding passes over it
constexpr std::size_t kLargest = 64 << 20;

std::string_view nextWord(std::string_view& line) {
  line.remove_prefix(std::min(line.size(), line.find_first_not_of(' ')));
  const auto word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

}  // namespace

// "  0: 0100007F:1F90 00000000:0000 0A …": number, local, remote, state.
std::set<std::uint16_t> parseTakenPorts(std::string_view table) {
  std::set<std::uint16_t> ports;
  while (!table.empty()) {
    auto line = table.substr(0, table.find('\n'));
    table.remove_prefix(std::min(table.size(), line.size() + 1));
    nextWord(line);
    const auto local = nextWord(line);
    nextWord(line);
    const auto state = nextWord(line);
    const auto port = numberOf<std::uint16_t>(local.substr(local.rfind(':') + 1), 16);
    if (port && state != kTimeWait) ports.insert(*port);
  }
  return ports;
}

Result<std::set<std::uint16_t>> takenPorts() {
  std::set<std::uint16_t> ports;
  for (const char* file : {"/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"}) {
    const auto table = readFile(file, kLargest);
    if (!table) return table.error();
    ports.merge(parseTakenPorts(*table));
  }
  return ports;
}

}  // namespace libra::sidecar::haproxy
