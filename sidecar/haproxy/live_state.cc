#include "sidecar/haproxy/live_state.h"

#include <fmt/format.h>

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

Server serverOf(const StatsTable& stats, std::size_t row, Admin admin) {
  Server server;
  if (const auto at = readEndpoint(stats.text(row, "addr"))) {
    server.address = at->address;
    server.port = at->port;
  }
  server.weight = static_cast<int>(stats.number(row, "uweight", -1));
  server.admin = admin;
  server.backup = stats.number(row, "bck") == 1;
  return server;
}

ServerActivity activityOf(const StatsTable& stats, std::size_t row, bool up) {
  ServerActivity activity;
  activity.backend = stats.text(row, "pxname");
  activity.name = stats.text(row, "svname");
  activity.up = up;
  activity.sessions = stats.number(row, "scur") + stats.number(row, "qcur");
  activity.since_change = seconds(stats.number(row, "lastchg"));
  if (const auto ago = stats.number(row, "lastsess", -1); ago >= 0) activity.since_session = seconds(ago);
  return activity;
}

Status readServers(std::string_view stat, std::string_view servers_state, LiveState& live) {
  const auto stats = StatsTable::parse(stat);
  if (!stats) return stats.error();
  const auto operations = parseServersState(servers_state);
  if (!operations) return operations.error();
  for (std::size_t row = 0; row < stats->size(); ++row) {
    const std::string backend(stats->text(row, "pxname")), name(stats->text(row, "svname"));
    const auto operation = operations->find({backend, name});
    if (!Variant::parse(backend) || operation == operations->end()) continue;  // not ours to judge, or just deleted
    live.state.servers[backend][name] = serverOf(*stats, row, operation->second.admin);
    live.activity.push_back(activityOf(*stats, row, operation->second.up));
  }
  return ok();
}

void addTotals(const StatsTable& stats, std::map<int, Counters>& totals) {
  for (std::size_t row = 0; row < stats.size(); ++row) {
    const auto variant = Variant::parse(stats.text(row, "pxname"));
    if (!variant || stats.number(row, "stot") == 0) continue;
    auto& slot = totals[variant->slot];
    slot.bytes_in += stats.number(row, "bin");
    slot.bytes_out += stats.number(row, "bout");
    slot.connections += stats.number(row, "stot");
    slot.requests += stats.number(row, "req_tot");
  }
}

Result<std::map<int, Counters>> totalsBy(RuntimeSocket& socket, const std::vector<std::string>& commands) {
  std::map<int, Counters> totals;
  const auto answers = socket.run(commands);
  if (!answers) return answers.error();
  for (const auto& answer : *answers) {
    const auto stats = StatsTable::parse(answer);
    if (!stats) return stats.error();
    addTotals(*stats, totals);
  }
  return totals;
}

// "Pid: 4711" → 4711
std::optional<std::uint64_t> infoNumber(std::string_view info, std::string_view name) {
  const auto at = info.find(fmt::format("\n{}: ", name));
  if (at == info.npos) return std::nullopt;
  const auto value = info.substr(at + name.size() + 3);
  return numberOf<std::uint64_t>(value.substr(0, value.find('\n')));
}

}  // namespace

Result<LiveState> readLive(RuntimeSocket& socket) {
  std::vector<std::string> commands{"show stat -1 4 -1", "show servers state"};
  for (const auto map : kMapFiles) commands.push_back("show map " + fileName(map));
  const auto answers = socket.run(commands);
  if (!answers) return answers.error();

  LiveState live;
  if (auto status = readServers(answers->at(0), answers->at(1), live); !status) return status.error();
  for (std::size_t i = 0; i < std::size(kMapFiles); ++i) {
    auto entries = parseMap(answers->at(i + 2));
    if (!entries) return entries.error();
    entriesOf(live.state, kMapFiles[i]) = *std::move(entries);
  }
  return live;
}

Result<std::map<int, Counters>> readTotals(RuntimeSocket& socket) { return totalsBy(socket, {"show stat -1 2 -1"}); }

Result<std::map<int, Counters>> readTotals(RuntimeSocket& socket, const std::vector<int>& slots) {
  std::vector<std::string> commands;
  for (int slot : slots)
    for (const auto& variant : variantsOf(slot)) commands.push_back(fmt::format("show stat {} 2 -1", variant.name()));
  return totalsBy(socket, commands);
}

Result<std::uint64_t> readProcess(RuntimeSocket& socket) {
  const auto answers = socket.run({"show info"});
  if (!answers) return answers.error();
  const auto pid = infoNumber(answers->front(), "Pid");
  const auto start = infoNumber(answers->front(), "Start_time_sec");
  if (!pid || !start) return misunderstood("show info", answers->front());
  return *start << 22 | (*pid & 0x3fffff);  // a pid has at most 22 bits
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
