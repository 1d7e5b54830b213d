#include "sidecar/haproxy/process_info.h"

#include <fmt/format.h>

#include "sidecar/haproxy/words.h"

namespace libra::sidecar::haproxy {

namespace {

// "Pid: 4711" → "4711"; "" when there is no such line.
std::string_view valueOf(std::string_view info, std::string_view name) {
  const auto at = info.find(fmt::format("\n{}: ", name));
  if (at == info.npos) return {};
  const auto value = info.substr(at + name.size() + 3);
  return value.substr(0, value.find('\n'));
}

}  // namespace

Result<ProcessInfo> readProcess(RuntimeSocket& socket) {
  const auto answers = socket.run({"show info"});
  return answers ? parseProcess(answers->front()) : answers.error();
}

Result<ProcessInfo> parseProcess(std::string_view info) {
  const auto pid = numberOf<pid_t>(valueOf(info, "Pid"));
  const auto started = numberOf<std::uint64_t>(valueOf(info, "Start_time_sec"));
  const auto connections = numberOf<std::uint64_t>(valueOf(info, "CurrConns"));
  if (!pid || !started || !connections)
    return Error{ErrorCode::Internal, "The proxy's answer was not understood",
                 fmt::format("show info: {}", info.substr(0, 200))};
  return ProcessInfo{*pid, *started, *connections, valueOf(info, "Stopping") == "1",
                     Base::parse(valueOf(info, "description"))};
}

}  // namespace libra::sidecar::haproxy
