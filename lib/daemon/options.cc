#include "lib/daemon/options.h"

#include <getopt.h>

#include <algorithm>
#include <cstdio>

namespace libra::daemon {

namespace {

constexpr int kWrongUse = 2;
constexpr int kHelp = 'h';
constexpr int kFirst = 256;

std::vector<::option> longOptions(const CommandLine& line) {
  std::vector<::option> options{{"help", no_argument, nullptr, kHelp}};
  int value = kFirst;
  for (const auto& option : line.options) options.push_back({option.name.c_str(), required_argument, nullptr, value++});
  options.push_back({nullptr, 0, nullptr, 0});
  return options;
}

int wrong(const CommandLine& line, const std::string& what) {
  std::fprintf(stderr, "%s: %s\n", line.name.c_str(), what.c_str());
  return kWrongUse;
}

}  // namespace

std::string usage(const CommandLine& line) {
  std::string text = line.name + ": " + line.about + "\n\nUsage: " + line.name + " [options]" +
                     (line.argument.empty() ? "" : " " + line.argument) + "\n";
  for (const auto& option : line.options) {
    std::string start = "  --" + option.name + " " + option.value;
    start.resize(std::max<std::size_t>(start.size() + 2, 32), ' ');
    text += start + option.help + "\n";
  }
  return text + "  -h, --help                    print this\n";
}

std::optional<int> readCommandLine(int argc, char** argv, const CommandLine& line, std::string& argument) {
  const auto options = longOptions(line);
  ::optind = 0;  // start anew: tests come here more than once
  for (int option; (option = ::getopt_long(argc, argv, "h", options.data(), nullptr)) != -1;) {
    if (option == kHelp) {
      std::fputs(usage(line).c_str(), stdout);
      return 0;
    }
    if (option < kFirst) return kWrongUse;  // getopt_long told what is wrong
    line.options[static_cast<std::size_t>(option - kFirst)].take(::optarg);
  }
  const int wanted = line.argument.empty() ? 0 : 1;
  if (argc - ::optind > wanted)
    return wrong(line, std::string("unexpected argument '") + argv[::optind + wanted] + "'");
  if (argc - ::optind < wanted) return wrong(line, line.argument + " is needed");
  if (wanted == 1) argument = argv[::optind];
  return std::nullopt;
}

}  // namespace libra::daemon
