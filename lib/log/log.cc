#include "lib/log/log.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <mutex>
#include <utility>

#include "lib/base/utf8.h"

namespace libra::log {

namespace {

constexpr std::array<const char*, 4> kNames{"debug", "info", "warn", "error"};
constexpr std::size_t kLongest = 8192;  // a hostile text does not fill the disk in one line

std::atomic<Level> g_level{Level::Info};
std::mutex g_output;
thread_local std::string t_scope;

bool isControl(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return first < 0x20 || first == 0x7F;
  return sequence.size() == 2 && first == 0xC2 && static_cast<unsigned char>(sequence[1]) < 0xA0;  // C1
}

// What a line must not hold: new lines that forge another event, terminal escapes,
// bytes that are no text.
void appendEscaped(std::string& line, std::string_view text) {
  for (const std::size_t start = line.size(); !text.empty();) {
    if (line.size() - start > kLongest) {
      line += "...";
      return;
    }
    const std::size_t length = utf8SequenceLength(text);
    const std::string_view sequence = text.substr(0, length == 0 ? 1 : length);
    if (sequence == "\n") {
      line += "\\n";
    } else if (length == 0 || isControl(sequence)) {
      for (const char byte : sequence)
        fmt::format_to(std::back_inserter(line), "\\x{:02x}", static_cast<unsigned char>(byte));
    } else {
      line += sequence;
    }
    text.remove_prefix(sequence.size());
  }
}

void appendTime(std::string& line) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const std::time_t seconds = millis / 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  fmt::format_to(std::back_inserter(line), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900,
                 utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, millis % 1000);
}

void writeOut(std::string_view line) {
  std::lock_guard lock(g_output);
  while (!line.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nowhere left to complain
    line.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

void setLevel(Level level) { g_level.store(level, std::memory_order_relaxed); }

bool setLevel(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (name != kNames[i]) continue;
    setLevel(static_cast<Level>(i));
    return true;
  }
  return false;
}

bool enabled(Level level) { return level >= g_level.load(std::memory_order_relaxed); }

void write(Level level, std::string_view subsystem, std::string_view text) {
  if (!enabled(level)) return;
  std::string line;
  line.reserve(64 + text.size());
  appendTime(line);
  fmt::format_to(std::back_inserter(line), " {} {}", kNames[static_cast<std::size_t>(level)], subsystem);
  if (!t_scope.empty()) {
    line += " [";
    appendEscaped(line, t_scope);
    line += ']';
  }
  line += ": ";
  appendEscaped(line, text);
  line += '\n';
  writeOut(line);
}

Scope::Scope(std::string id) : previous_(std::exchange(t_scope, std::move(id))) {}
Scope::~Scope() { t_scope = std::move(previous_); }
const std::string& scopeId() { return t_scope; }

}  // namespace libra::log
