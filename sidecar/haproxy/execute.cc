#include "sidecar/haproxy/execute.h"

#include <fmt/format.h>

#include <iterator>

namespace libra::sidecar::haproxy {

Status execute(RuntimeSocket& socket, const std::vector<Step>& steps) {
  std::vector<Command> commands;
  for (const auto& step : steps) {
    auto more = commandsFor(step);
    if (!more) return more.error();
    std::move(more->begin(), more->end(), std::back_inserter(commands));
  }

  std::vector<std::string> lines;
  for (const auto& command : commands) lines.push_back(command.line);
  const auto answers = socket.run(lines);
  if (!answers) return answers.error();
  for (std::size_t i = 0; i < commands.size(); ++i)
    if (answers->at(i) != commands[i].answer)
      return Error{ErrorCode::Conflict, "The proxy refused a change",
                   fmt::format("'{}' answered '{}'", commands[i].line, answers->at(i).substr(0, 200))};
  return ok();
}

}  // namespace libra::sidecar::haproxy
