#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace CLI {
class App;
}

namespace libra {

// The options of a program that measures or watches. CLI11 reads them in a file of its own:
// a program that includes it compiles the whole parser, 15 seconds each.
class ProgramOptions {
 public:
  explicit ProgramOptions(const std::string& about);
  ~ProgramOptions();
  ProgramOptions(const ProgramOptions&) = delete;
  ProgramOptions& operator=(const ProgramOptions&) = delete;

  // `target` holds the default, shown in --help. T: std::string, int, std::uint16_t,
  // std::uint64_t, double, std::vector or std::set of std::string.
  template <typename T>
  void take(const std::string& name, T& target, const std::string& help = {});
  void takeBetween(int least, int most, const std::string& name, int& target, const std::string& help = {});
  void need(const std::string& name, std::string& target, const std::string& help = {});
  void flag(const std::string& name, bool& target, const std::string& help = {});

  // What main() shall return at once (after --help, or told what is wrong), or none.
  std::optional<int> read(int argc, char** argv);

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace libra
