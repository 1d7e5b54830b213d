#include "sidecar/haproxy/base.h"

#include <fmt/format.h>

#include <algorithm>

#include "sidecar/haproxy/words.h"

namespace libra::sidecar::haproxy {

namespace {

// No blank, no comma: HAProxy would put it in quotes.
constexpr std::string_view kBegin = "libra:";
constexpr char kSlotsInUseOnly = '+';

std::optional<std::set<std::uint16_t>> readPorts(std::string_view text) {
  std::set<std::uint16_t> ports;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find('-'));
    const auto port = numberOf<std::uint16_t>(word);
    if (!port) return std::nullopt;
    ports.insert(*port);
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return ports;
}

}  // namespace

std::string Base::text() const {
  const std::string_view mark(&kSlotsInUseOnly, slots_in_use_only ? 1 : 0);
  return fmt::format("{}{:016x}{}:{}", kBegin, fingerprint, mark, fmt::join(ports, "-"));
}

std::optional<Base> Base::parse(std::string_view text) {
  if (!text.starts_with(kBegin)) return std::nullopt;
  text.remove_prefix(kBegin.size());
  const auto colon = std::min(text.size(), text.find(':'));
  const bool in_use_only = colon > 0 && text[colon - 1] == kSlotsInUseOnly;
  const auto fingerprint = numberOf<std::uint64_t>(text.substr(0, colon - (in_use_only ? 1 : 0)), 16);
  auto ports = readPorts(text.substr(std::min(text.size(), colon + 1)));
  if (!fingerprint || !ports) return std::nullopt;
  return Base{*fingerprint, *std::move(ports), in_use_only};
}

bool Base::binds(const std::set<std::uint16_t>& others) const {
  return std::includes(ports.begin(), ports.end(), others.begin(), others.end());
}

std::uint64_t fingerprintOf(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace libra::sidecar::haproxy
