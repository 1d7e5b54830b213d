#include "tests/options/program_options.h"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <set>
#include <vector>

namespace libra {

ProgramOptions::ProgramOptions(const std::string& about) : app_(std::make_unique<CLI::App>(about)) {}
ProgramOptions::~ProgramOptions() = default;

template <typename T>
void ProgramOptions::take(const std::string& name, T& target, const std::string& help) {
  app_->add_option(name, target, help)->capture_default_str();
}
template void ProgramOptions::take(const std::string&, std::string&, const std::string&);
template void ProgramOptions::take(const std::string&, int&, const std::string&);
template void ProgramOptions::take(const std::string&, std::uint16_t&, const std::string&);
template void ProgramOptions::take(const std::string&, std::uint64_t&, const std::string&);
template void ProgramOptions::take(const std::string&, double&, const std::string&);
template void ProgramOptions::take(const std::string&, std::vector<std::string>&, const std::string&);
template void ProgramOptions::take(const std::string&, std::set<std::string>&, const std::string&);

void ProgramOptions::takeBetween(int least, int most, const std::string& name, int& target, const std::string& help) {
  app_->add_option(name, target, help)->check(CLI::Range(least, most))->capture_default_str();
}

void ProgramOptions::need(const std::string& name, std::string& target, const std::string& help) {
  app_->add_option(name, target, help)->required();
}

void ProgramOptions::flag(const std::string& name, bool& target, const std::string& help) {
  app_->add_flag(name, target, help);
}

std::optional<int> ProgramOptions::read(int argc, char** argv) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    return app_->exit(wrong);
  }
  return std::nullopt;
}

}  // namespace libra
