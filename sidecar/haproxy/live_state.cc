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
void takeServers(RunningState& live) {
  live.state.servers.clear();
  for (const auto& [backend, servers] : live.servers) {
    if (!Variant::parse(backend)) continue;
    auto& ours = live.state.servers[backend];
    for (const auto& [name, read] : servers) {
      auto& server = ours.emplace_hint(ours.end(), name, read.server)->second;
      if (const auto parsed = ServerName::parse(name)) server.backup = parsed->backup;
    }
  }
}

// Of servers that were there a moment ago.
Status readActivity(std::string_view answer, LiveState& live) {
  const auto stats = StatsTable::parse(answer);
  if (!stats) return stats.error();
  for (std::size_t row = 0; row < stats->size(); ++row) {
    const auto backend = live.state.servers.find(std::string(stats->text(row, "pxname")));
    if (backend == live.state.servers.end()) continue;
    const auto server = backend->second.find(std::string(stats->text(row, "svname")));
    if (server == backend->second.end()) continue;
    live.activity.push_back(activityOf(*stats, row, live.servers.at(backend->first).at(server->first).up));
  }
  return ok();
}

void addTotals(const StatsTable& stats, std::map<int, Counters>& totals) {
  for (std::size_t row = 0; row < stats.size(); ++row) {
    if (stats.number(row, "stot") == 0) continue;
    if (const auto variant = Variant::parse(stats.text(row, "pxname"))) totals[variant->slot] += countersOf(stats, row);
  }
}

std::vector<std::string> commandsFor(const Parts& parts) {
  std::vector<std::string> commands;
  if (parts.process) commands.push_back("show info");
  if (parts.servers) commands.push_back("show servers state");
  if (parts.certificates) commands.insert(commands.end(), {"show ssl cert", "show ssl ca-file"});
  for (const auto map : parts.maps) commands.push_back("show map " + fileName(map));
  return commands;
}

// From the answers to commandsFor(), in their order.
class Understanding {
 public:
  Understanding(RuntimeSocket& socket, const std::vector<std::string>& answers)
      : socket_(socket), next_(answers.data()) {}

  Status take(const Parts& parts, RunningState& live) {
    if (parts.process) read(parseProcess(*next_++), live.process);
    if (parts.servers && read(parseServersState(*next_++), live.servers)) takeServers(live);
    const auto* certificates = next_;
    if (parts.certificates) next_ += 2;
    for (const auto map : parts.maps) read(parseMap(*next_++), entriesOf(live.state, map));
    if (parts.certificates && status_)
      status_ = readCertificates(socket_, certificates[0], certificates[1], live.state);
    return status_;
  }

 private:
  template <typename Part>
  bool read(Result<Part> answer, Part& into) {
    if (answer)
      into = *std::move(answer);
    else if (status_)
      status_ = answer.error();
    return static_cast<bool>(status_);
  }

  RuntimeSocket& socket_;
  const std::string* next_;
  Status status_ = ok();
};

}  // namespace

Parts Parts::all() { return {true, true, true, {std::begin(kMapFiles), std::end(kMapFiles)}}; }

Parts Parts::changedBy(const Plan& plan) {
  Parts parts;
  for (const auto& stage : plan.stages)
    for (const auto& step : stage)
      std::visit(
          [&](const auto& one) {
            if constexpr (requires { one.backend; }) parts.servers = true;
            if constexpr (requires { one.map; }) parts.maps.insert(one.map);
            if constexpr (
                requires { one.store; } || requires { one.authority; })
              parts.certificates = true;
          },
          step);
  return parts;
}

Status readAgain(RuntimeSocket& socket, const Parts& parts, RunningState& live) {
  const auto answers = socket.run(commandsFor(parts));
  if (!answers) return answers.error();
  return Understanding(socket, *answers).take(parts, live);
}

Result<RunningState> readRunning(RuntimeSocket& socket, bool certificates) {
  RunningState live;
  auto parts = Parts::all();
  parts.certificates = certificates;
  if (auto status = readAgain(socket, parts, live); !status) return status.error();
  if (certificates || live.state.certificates.empty()) return live;
  if (auto status = readAgain(socket, Parts{.certificates = true}, live); !status) return status.error();
  return live;
}

Result<LiveState> readLive(RuntimeSocket& socket) {
  auto running = readRunning(socket);
  if (!running) return running.error();
  const auto answers = socket.run({"show stat -1 4 -1"});
  if (!answers) return answers.error();
  LiveState live{*std::move(running), {}};
  if (auto status = readActivity(answers->front(), live); !status) return status.error();
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
