#include "sidecar/haproxy/execute.h"

#include <fmt/format.h>

#include <iterator>

namespace libra::sidecar::haproxy {

namespace {

// Those without payload go together as far as they stand together.
Result<std::vector<std::string>> runAll(RuntimeSocket& socket, const std::vector<Command>& commands) {
  std::vector<std::string> answers;
  for (auto next = commands.begin(); next != commands.end();) {
    std::vector<std::string> lines;
    for (; next != commands.end() && next->payload.empty(); ++next) lines.push_back(next->line);
    auto more = socket.run(lines);
    if (!more) return more.error();
    std::move(more->begin(), more->end(), std::back_inserter(answers));
    if (next == commands.end()) break;
    auto answer = socket.run(next->line, next->payload);
    if (!answer) return answer.error();
    answers.push_back(*std::move(answer));
    ++next;
  }
  return answers;
}

bool isDone(const Command& command, const std::string& answer) {
  return command.answer.empty() ? answer.empty() : answer.ends_with(command.answer);
}

}  // namespace

Status execute(RuntimeSocket& socket, const std::vector<Step>& steps) {
  std::vector<Command> commands;
  for (const auto& step : steps) {
    auto more = commandsFor(step);
    if (!more) return more.error();
    std::move(more->begin(), more->end(), std::back_inserter(commands));
  }

  const auto answers = runAll(socket, commands);
  if (!answers) return answers.error();
  for (std::size_t i = 0; i < commands.size(); ++i)
    if (!isDone(commands[i], answers->at(i)))
      return Error{ErrorCode::Conflict, "The proxy refused a change",
                   fmt::format("'{}' answered '{}'", commands[i].line, answers->at(i).substr(0, 200))};
  return ok();
}

}  // namespace libra::sidecar::haproxy
