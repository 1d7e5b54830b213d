#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace libra::daemon {

// An option of a command ("libra-controller setup --host NAME"); all take a value.
struct CommandOption {
  std::string name;   // without dashes
  std::string value;  // its name in --help: "HOST:PORT"
  std::string help;
  std::function<void(const std::string& value)> take;  // called for each time it is given
};

struct CommandLine {
  std::string name;      // "libra-controller setup"
  std::string about;     // one line
  std::string argument;  // name of the one argument it needs; "": none
  std::vector<CommandOption> options;
};

std::string usage(const CommandLine& line);

// Reads argv[1…]. What main() shall return at once (0 after --help, 2 after telling on
// stderr what is wrong), or none: go on with `argument`.
std::optional<int> readCommandLine(int argc, char** argv, const CommandLine& line, std::string& argument);

}  // namespace libra::daemon
