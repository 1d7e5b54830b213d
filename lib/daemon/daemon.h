#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/config/toml.h"

namespace libra::daemon {

// What a daemon says of itself. The start-up order is written once, here: arguments,
// settings (where --check-config ends), logging, SIGPIPE ignored, run.
//   struct Settings : …;  Settings settings;
//   return daemon::main(argc, argv, {
//       .name = "libra-sidecar", .about = "Drives the proxy of a device",
//       .read = [&](config::File& file) { return readSettings(file, settings); },
//       .log_level = [&] { return settings.log_level; },
//       .run = [&] { return App(settings).run(); }});
struct Program {
  std::string name;
  std::string about;           // one line for --help
  std::string default_config;  // used without --config; "": --config is needed

  // Fills the caller's settings; it need not call file.finish(), main() does.
  std::function<Status(config::File& file)> read;

  // Checks beyond the file (do the certificates load …); optional, also part of --check-config.
  std::function<Status()> check;

  // "debug" … "error"; optional.
  std::function<std::string()> log_level;

  // The daemon itself; returns the exit code. Called with SIGPIPE ignored.
  std::function<int()> run;

  // Further options: "--write-base-config" → {name without dashes, help, action after read and
  // check, instead of run; returns the exit code}.
  struct Action {
    std::string option;
    std::string help;
    std::function<int()> run;
  };
  std::vector<Action> actions;

  // "libra-controller setup …": a word in first place; it reads its own options (options.h)
  // and no settings file. argv[0] is the word.
  struct Command {
    std::string word;
    std::string help;
    std::function<int(int argc, char** argv)> run;
  };
  std::vector<Command> commands = {};
};

// 0 done, 1 run failed, 2 wrong arguments or settings (told on stderr).
int main(int argc, char** argv, const Program& program);

const char* version();

}  // namespace libra::daemon
