#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace libra::log {

enum class Level { Debug, Info, Warn, Error };

// Where and how much. Default: info to stderr, one line per event:
// "2026-11-24T16:20:01.123Z info gear: job server 10.0.0.1:4731 answers again"
void setLevel(Level level);
bool setLevel(std::string_view name);                                        // "debug" … "error"; false when unknown
void write(Level level, std::string_view subsystem, std::string_view text);  // control characters are escaped
bool enabled(Level level);

// Ids shown on every line of this thread while alive: log::Scope scope("req-7f3a").
class Scope {
 public:
  explicit Scope(std::string id);
  ~Scope();
  Scope(const Scope&) = delete;

 private:
  std::string previous_;
};
const std::string& scopeId();

// One per subsystem: constexpr log::Logger kLog{"gear"}; kLog.info("device {} lost", id);
// error wakes someone, warn is read tomorrow, info is a state change, debug is free.
struct Logger {
  const char* subsystem;

  template <typename... Args>
  void debug(fmt::format_string<Args...> f, Args&&... args) const {
    at(Level::Debug, f, std::forward<Args>(args)...);
  }
  template <typename... Args>
  void info(fmt::format_string<Args...> f, Args&&... args) const {
    at(Level::Info, f, std::forward<Args>(args)...);
  }
  template <typename... Args>
  void warn(fmt::format_string<Args...> f, Args&&... args) const {
    at(Level::Warn, f, std::forward<Args>(args)...);
  }
  template <typename... Args>
  void error(fmt::format_string<Args...> f, Args&&... args) const {
    at(Level::Error, f, std::forward<Args>(args)...);
  }

 private:
  template <typename... Args>
  void at(Level level, fmt::format_string<Args...> f, Args&&... args) const {
    if (enabled(level)) write(level, subsystem, fmt::format(f, std::forward<Args>(args)...));
  }
};

}  // namespace libra::log
