#include "lib/daemon/daemon.h"

#include <getopt.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <optional>

#include "lib/log/log.h"

namespace libra::daemon {

namespace {

constexpr int kFailed = 1;
constexpr int kWrongUse = 2;

struct Arguments {
  std::string config;
  bool check_only = false;
  const Program::Action* action = nullptr;
};

enum Option : int { kConfig = 'c', kHelp = 'h', kCheck = 256, kVersion, kFirstAction };

void say(std::FILE* where, const std::string& text) { std::fprintf(where, "%s\n", text.c_str()); }

std::string column(const std::string& option, const std::string& help) {
  std::string line = "  " + option;
  line.resize(std::max<std::size_t>(line.size() + 2, 26), ' ');
  return line + help + "\n";
}

std::string usage(const Program& program) {
  std::string text = program.name + ": " + program.about + "\n\nUsage: " + program.name + " [options]\n";
  const std::string fallback = program.default_config.empty() ? "" : ", by default " + program.default_config;
  text += column("-c, --config FILE", "settings (TOML)" + fallback);
  text += column("--check-config", "check the settings and what they name, then exit");
  for (const auto& action : program.actions) text += column("--" + action.option, action.help);
  text += column("--version", "print the version");
  text += column("-h, --help", "print this");
  if (!program.commands.empty()) text += "\nOr: " + program.name + " COMMAND --help\n";
  for (const auto& command : program.commands) text += column(command.word, command.help);
  return text;
}

std::vector<::option> longOptions(const Program& program) {
  std::vector<::option> options{{"config", required_argument, nullptr, kConfig},
                                {"check-config", no_argument, nullptr, kCheck},
                                {"version", no_argument, nullptr, kVersion},
                                {"help", no_argument, nullptr, kHelp}};
  int value = kFirstAction;
  for (const auto& action : program.actions) options.push_back({action.option.c_str(), no_argument, nullptr, value++});
  options.push_back({nullptr, 0, nullptr, 0});
  return options;
}

// What main() shall return at once, or none: go on with `arguments`.
std::optional<int> readArguments(int argc, char** argv, const Program& program, Arguments& arguments) {
  const auto options = longOptions(program);
  arguments.config = program.default_config;
  ::optind = 0;  // start anew: tests come here more than once
  for (int option; (option = ::getopt_long(argc, argv, "c:h", options.data(), nullptr)) != -1;) {
    if (option == kConfig) {
      arguments.config = ::optarg;
    } else if (option == kCheck) {
      arguments.check_only = true;
    } else if (option == kVersion) {
      say(stdout, program.name + " " + version());
      return 0;
    } else if (option == kHelp) {
      std::fputs(usage(program).c_str(), stdout);
      return 0;
    } else if (option >= kFirstAction) {
      arguments.action = &program.actions[static_cast<std::size_t>(option - kFirstAction)];
    } else {
      return kWrongUse;  // getopt_long told what is wrong
    }
  }
  if (::optind < argc) {
    say(stderr, program.name + ": unexpected argument '" + argv[::optind] + "'");
    return kWrongUse;
  }
  if (arguments.config.empty()) {
    say(stderr, program.name + ": --config FILE is needed");
    return kWrongUse;
  }
  return std::nullopt;
}

// All that is wrong, told on stderr; true when nothing is.
bool readSettings(const Program& program, const std::string& path) {
  auto file = config::File::read(path);
  if (!file) {
    say(stderr, file.error().message);
    return false;
  }
  const Status read = program.read(*file);
  const auto problems = file->problems();
  for (const auto& problem : problems) say(stderr, problem);
  if (!read && problems.empty()) say(stderr, path + ": " + read.error().message);
  if (!read || !problems.empty()) return false;

  const Status checked = program.check ? program.check() : ok();
  if (!checked) say(stderr, path + ": " + checked.error().message);
  return static_cast<bool>(checked);
}

bool setLogLevel(const Program& program) {
  if (!program.log_level || log::setLevel(program.log_level())) return true;
  say(stderr, program.name + ": unknown log level '" + program.log_level() + "', want debug, info, warn or error");
  return false;
}

}  // namespace

int main(int argc, char** argv, const Program& program) {
  for (const auto& command : program.commands)
    if (argc > 1 && command.word == argv[1]) return command.run(argc - 1, argv + 1);
  Arguments arguments;
  if (const auto code = readArguments(argc, argv, program, arguments)) return *code;
  if (!readSettings(program, arguments.config) || !setLogLevel(program)) return kWrongUse;
  if (arguments.check_only) {
    say(stdout, arguments.config + ": fine");
    return 0;
  }
  if (std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) return kFailed;  // a lost peer is an error of write(), not our end
  return arguments.action != nullptr ? arguments.action->run() : program.run();
}

const char* version() { return LIBRA_VERSION; }

}  // namespace libra::daemon
