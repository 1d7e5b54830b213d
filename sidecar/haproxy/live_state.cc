#include "sidecar/haproxy/live_state.h"

#include <fmt/format.h>

#include "sidecar/haproxy/live_certificates.h"
#include "sidecar/haproxy/servers_state.h"
#include "sidecar/haproxy/slots.h"
#include "sidecar/haproxy/stats_csv.h"
#include "sidecar/haproxy/step.h"
#include "sidecar/haproxy/words.h"

namespace libra::sidecar::haproxy {

namespace {

using std::chrono::seconds;

constexpr const char* kConflicting = "(conflicting)";

Error misunderstood(std::string_view command, std::string_view answer) {
  return Error{ErrorCode::Internal, "The proxy's answer was not understood",
               fmt::format("{}: {}", command, answer.substr(0, 200))};
}

Counters countersOf(const StatsTable& stats, std::size_t row) {
  Counters counters{
      stats.number(row, "bin"), stats.number(row, "bout"), stats.number(row, "stot"), stats.number(row, "req_tot"), {}};
  constexpr const char* kClasses[] = {"hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx"};
  for (std::size_t i = 0; i < counters.statuses.size(); ++i) counters.statuses[i] = stats.number(row, kClasses[i]);
  return counters;
}

// "Layer7 wrong status: 404"; never what the node sent.
std::string checkOf(const StatsTable& stats, std::size_t row) {
  std::string found(stats.text(row, "check_desc"));
  const auto code = stats.number(row, "check_code");
  return code == 0 ? found : fmt::format("{}: {}", found, code);
}

ServerActivity activityOf(const StatsTable& stats, std::size_t row, bool up) {
  ServerActivity activity;
  activity.backend = stats.text(row, "pxname");
  activity.name = stats.text(row, "svname");
  activity.up = up;
  activity.sessions = stats.number(row, "scur") + stats.number(row, "qcur");
  activity.check = checkOf(stats, row);
  activity.counters = countersOf(stats, row);
  activity.since_change = seconds(stats.number(row, "lastchg"));
  if (const auto ago = stats.number(row, "lastsess", -1); ago >= 0) activity.since_session = seconds(ago);
  return activity;
}

// Those of the slots' backends; others are not ours to judge.
void takeServers(const ServerStates& states, ProxyState& state) {
  for (const auto& [backend, servers] : states) {
    if (!Variant::parse(backend)) continue;
    for (const auto& [name, read] : servers) {
      auto& server = state.servers[backend][name] = read.server;
      if (const auto parsed = ServerName::parse(name)) server.backup = parsed->backup;
    }
  }
}

// Of servers that were there a moment ago.
Status readActivity(std::string_view answer, const ServerStates& states, LiveState& live) {
  const auto stats = StatsTable::parse(answer);
  if (!stats) return stats.error();
  for (std::size_t row = 0; row < stats->size(); ++row) {
    const auto backend = live.state.servers.find(std::string(stats->text(row, "pxname")));
    if (backend == live.state.servers.end()) continue;
    const auto server = backend->second.find(std::string(stats->text(row, "svname")));
    if (server == backend->second.end()) continue;
    live.activity.push_back(activityOf(*stats, row, states.at(backend->first).at(server->first).up));
  }
  return ok();
}

void addTotals(const StatsTable& stats, std::map<int, Counters>& totals) {
  for (std::size_t row = 0; row < stats.size(); ++row) {
    if (stats.number(row, "stot") == 0) continue;
    if (const auto variant = Variant::parse(stats.text(row, "pxname"))) totals[variant->slot] += countersOf(stats, row);
  }
}

std::vector<std::string> stateCommands() {
  std::vector<std::string> commands{"show info", "show servers state", "show ssl cert", "show ssl ca-file"};
  for (const auto map : kMapFiles) commands.push_back("show map " + fileName(map));
  return commands;
}

// `answers`: those to stateCommands(), perhaps more.
Result<RunningState> understand(RuntimeSocket& socket, const std::vector<std::string>& answers,
                                const ServerStates& servers) {
  const auto process = parseProcess(answers.at(0));
  if (!process) return process.error();
  RunningState live{*process, {}};
  takeServers(servers, live.state);
  for (std::size_t i = 0; i < std::size(kMapFiles); ++i) {
    auto entries = parseMap(answers.at(i + 4));
    if (!entries) return entries.error();
    entriesOf(live.state, kMapFiles[i]) = *std::move(entries);
  }
  if (auto status = readCertificates(socket, answers.at(2), answers.at(3), live.state); !status) return status.error();
  return live;
}

}  // namespace

Result<RunningState> readRunning(RuntimeSocket& socket) {
  const auto answers = socket.run(stateCommands());
  if (!answers) return answers.error();
  const auto servers = parseServersState(answers->at(1));
  if (!servers) return servers.error();
  return understand(socket, *answers, *servers);
}

Result<LiveState> readLive(RuntimeSocket& socket) {
  auto commands = stateCommands();
  commands.push_back("show stat -1 4 -1");
  const auto answers = socket.run(commands);
  if (!answers) return answers.error();
  const auto servers = parseServersState(answers->at(1));
  if (!servers) return servers.error();
  auto running = understand(socket, *answers, *servers);
  if (!running) return running.error();
  LiveState live{*std::move(running), {}};
  if (auto status = readActivity(answers->back(), *servers, live); !status) return status.error();
  return live;
}

Result<std::map<int, Counters>> readTotals(RuntimeSocket& socket, const std::vector<int>& slots) {
  std::vector<std::string> commands;
  for (int slot : slots)
    for (const auto& variant : variantsOf(slot)) commands.push_back(fmt::format("show stat {} 2 -1", variant.name()));
  const auto answers = socket.run(commands);
  if (!answers) return answers.error();
  std::map<int, Counters> totals;
  for (const auto& answer : *answers) {
    const auto stats = StatsTable::parse(answer);
    if (!stats) return stats.error();
    addTotals(*stats, totals);
  }
  return totals;
}

Result<Entries> parseMap(std::string_view answer) {
  Entries entries;
  while (!answer.empty()) {
    auto line = answer.substr(0, answer.find('\n'));
    answer.remove_prefix(std::min(answer.size(), line.size() + 1));
    const auto key = line.find(' ');
    const auto value = key == line.npos ? key : line.find(' ', key + 1);
    if (line.substr(0, 2) != "0x" || value == line.npos) return misunderstood("show map", line);
    const auto [entry, added] = entries.emplace(line.substr(key + 1, value - key - 1), line.substr(value + 1));
    if (!added && entry->second != line.substr(value + 1)) entry->second = kConflicting;
  }
  return entries;
}

}  // namespace libra::sidecar::haproxy
