#include "lib/heartbeat/notice.h"

#include <charconv>

namespace libra::heartbeat {

namespace {

template <typename T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> found;
  for (std::size_t end; (end = line.find(' ')) != line.npos; line.remove_prefix(end + 1))
    found.push_back(line.substr(0, end));
  found.push_back(line);
  return found;
}

std::string text(const HeldVip& vip) { return vip.address.str() + "/" + std::to_string(vip.epoch); }

std::optional<HeldVip> readVip(std::string_view word) {
  const auto slash = word.find('/');
  if (slash == word.npos) return std::nullopt;
  const auto address = NetAddress::parse(word.substr(0, slash));
  const auto epoch = number<std::uint64_t>(word.substr(slash + 1));
  if (!address || !epoch) return std::nullopt;
  return HeldVip{*address, *epoch};
}

std::optional<Notice> readHolds(const std::vector<std::string_view>& parts) {
  if (parts.size() > kMostVips + 1) return std::nullopt;
  Holds holds;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto vip = readVip(parts[i]);
    if (!vip) return std::nullopt;
    holds.vips.push_back(*vip);
  }
  return holds;
}

std::optional<Notice> readHello(std::string_view boot) {
  const auto id = number<std::uint64_t>(boot);
  if (!id) return std::nullopt;
  return Hello{*id};
}

std::optional<Notice> readWatching(std::string_view session, std::string_view interval) {
  const auto id = number<std::uint64_t>(session);
  const auto millis = number<int>(interval);
  if (!id || !millis || *millis < 1 || *millis > 60'000) return std::nullopt;
  return Watching{*id, std::chrono::milliseconds(*millis)};
}

struct Writer {
  std::string operator()(const Hello& hello) const { return "hello " + std::to_string(hello.boot); }
  std::string operator()(const Holds& holds) const {
    std::string line = "holds";
    for (const auto& vip : holds.vips) line += " " + text(vip);
    return line;
  }
  std::string operator()(const ProxyLost&) const { return "proxy-lost"; }
  std::string operator()(const Watching& watching) const {
    return "watching " + std::to_string(watching.session) + " " + std::to_string(watching.interval.count());
  }
  std::string operator()(const Checked&) const { return "checked"; }
  std::string operator()(const Drop& drop) const { return "drop " + text(drop.vip); }
};

}  // namespace

std::string write(const Notice& notice) { return std::visit(Writer{}, notice); }

std::optional<Notice> readNotice(std::string_view line) {
  if (line.size() > kLongestNotice) return std::nullopt;
  const auto parts = words(line);
  const auto& kind = parts[0];
  if (kind == "holds") return readHolds(parts);
  if (kind == "hello" && parts.size() == 2) return readHello(parts[1]);
  if (kind == "watching" && parts.size() == 3) return readWatching(parts[1], parts[2]);
  if (kind == "proxy-lost" && parts.size() == 1) return ProxyLost{};
  if (kind == "checked" && parts.size() == 1) return Checked{};
  if (kind == "drop" && parts.size() == 2)
    if (const auto vip = readVip(parts[1])) return Drop{*vip};
  return std::nullopt;
}

}  // namespace libra::heartbeat
