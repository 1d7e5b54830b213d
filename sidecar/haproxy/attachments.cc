#include "sidecar/haproxy/attachments.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "sidecar/haproxy/words.h"

namespace libra::sidecar::haproxy {

namespace {

using protocol::AccessRule;

constexpr std::string_view kDigits = "0123456789ABCDEF";

std::string hexDigits(const NetAddress& address) {
  std::string digits;
  for (std::size_t i = 0; i < (address.isV6() ? 16u : 4u); ++i) {
    digits += kDigits[address.bytes()[i] >> 4];
    digits += kDigits[address.bytes()[i] & 15];
  }
  return digits;
}

// The keys that together begin every address of the network.
std::vector<std::string> keysOf(const AccessRule& rule) {
  const std::string family = rule.network.isV6() ? ".6." : ".4.";
  const auto digits = hexDigits(rule.network);
  const auto whole = static_cast<std::size_t>(rule.prefix) / 4, rest = static_cast<std::size_t>(rule.prefix) % 4;
  const auto begin = family + digits.substr(0, whole);
  if (rest == 0) return {begin};
  std::vector<std::string> keys;
  const auto first = kDigits.find(digits[whole]);
  for (std::size_t i = 0; i < (16u >> rest); ++i) keys.push_back(begin + kDigits[first + i]);
  return keys;
}

std::string ruleText(const AccessRule& rule) {
  return fmt::format("{}{}/{}", rule.allow ? 'a' : 'd', rule.network.str(), rule.prefix);
}

std::optional<AccessRule> ruleOf(std::string_view text) {
  if (text.empty() || (text.front() != 'a' && text.front() != 'd')) return std::nullopt;
  const auto range = NetRange::parse(text.substr(1));
  if (!range) return std::nullopt;
  return AccessRule{range->network, range->prefix, text.front() == 'a'};
}

// Whether any rule allows what the key stands for: that of the key itself or of a shorter one.
bool isAllowed(const std::map<std::string, std::set<std::string>>& rules, const std::string& key) {
  for (const auto& [begin, texts] : rules)
    if (key.starts_with(begin))
      for (const auto& text : texts)
        if (text.front() == 'a') return true;
  return false;
}

bool isKept(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("-._~>=/:,!?()@&*+$").find(c) != std::string_view::npos;
}

std::string encodeLine(std::string_view line) {
  std::string encoded;
  for (const char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (isKept(c))
      encoded += c;
    else
      encoded.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
  }
  return encoded;
}

std::string decodeLine(std::string_view encoded) {
  std::string line;
  while (!encoded.empty()) {
    const bool coded = encoded.front() == '%' && encoded.size() > 2;
    const auto high = coded ? kDigits.find(encoded[1]) : 0, low = coded ? kDigits.find(encoded[2]) : 0;
    const bool sound = coded && high != kDigits.npos && low != kDigits.npos;
    line += sound ? static_cast<char>(high << 4 | low) : encoded.front();
    encoded.remove_prefix(sound ? 3 : 1);
  }
  return line;
}

std::vector<std::string_view> linesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t from = 0, to = 0; to != text.npos; from = to + 1) {
    to = text.find('\n', from);
    lines.push_back(text.substr(from, to == text.npos ? to : to - from));
  }
  return lines;
}

}  // namespace

Entries accessEntries(const std::vector<AccessRule>& rules) {
  std::map<std::string, std::set<std::string>> by_key{{".4.", {}}, {".6.", {}}};
  for (const auto& rule : rules)
    for (const auto& key : keysOf(rule)) by_key[key].insert(ruleText(rule));
  Entries entries;
  for (const auto& [key, texts] : by_key) {
    const bool open = (key == ".4." || key == ".6.") && texts.empty();
    entries[key] = fmt::format("{}|{}", open || isAllowed(by_key, key) ? "allow" : "deny", fmt::join(texts, ","));
  }
  return entries;
}

std::vector<AccessRule> accessRules(const Entries& entries) {
  std::vector<AccessRule> rules;
  for (const auto& [key, value] : entries) {
    auto rest = std::string_view(value).substr(std::min(value.size(), value.find('|') + 1));
    while (!rest.empty()) {
      const auto text = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), text.size() + 1));
      const auto rule = ruleOf(text);
      if (rule && std::find(rules.begin(), rules.end(), *rule) == rules.end()) rules.push_back(*rule);
    }
  }
  std::sort(rules.begin(), rules.end(),
            [](const auto& a, const auto& b) { return std::tie(a.network, a.prefix) < std::tie(b.network, b.prefix); });
  return rules;
}

Entries pageEntries(std::string_view page) {
  Entries entries;
  const auto lines = linesOf(page);
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (!lines[i].empty()) entries["." + std::to_string(i)] = encodeLine(lines[i]);
  return entries;
}

std::string pageText(const Entries& entries) {
  std::map<std::size_t, std::string> lines;
  for (const auto& [key, value] : entries)
    if (const auto number = numberOf<std::size_t>(key.substr(1)); number && *number < kMostPageLines)
      lines[*number] = decodeLine(value);
  std::string page;
  std::size_t at = 0;
  for (const auto& [number, line] : lines) {
    page.append(number - at, '\n');
    page += line;
    at = number;
  }
  return page;
}

std::optional<std::string> normalPage(std::string_view page) {
  std::string text;
  for (const char c : page) {
    if (c == '\r') continue;
    if ((c >= 0 && c < ' ' && c != '\n' && c != '\t') || c == 127) return std::nullopt;  // the proxy would encode it
    text += c;
  }
  const auto first = text.find_first_not_of('\n');
  if (first == text.npos) return std::nullopt;
  text = text.substr(first, text.find_last_not_of('\n') + 1 - first);
  const auto lines = linesOf(text);
  const bool fits = std::all_of(lines.begin(), lines.end(),
                                [](auto line) { return encodeLine(line).size() < kLongestCommand - 200; });
  if (text.size() > kLongestPage || lines.size() > kMostPageLines || !fits) return std::nullopt;
  return text;
}

Entries attachment(const Entries& map, const std::string& name) {
  Entries entries;
  const auto begin = name + ".";
  for (auto entry = map.lower_bound(begin); entry != map.end() && entry->first.starts_with(begin); ++entry)
    entries[entry->first.substr(name.size())] = entry->second;
  return entries;
}

void attach(Entries& map, const std::string& name, const Entries& entries) {
  for (const auto& [key, value] : entries) map[name + key] = value;
}

std::string attachmentName(const Entries& map, const std::string& owner, const Entries& entries) {
  std::string free;
  for (int version = 1;; ++version) {
    const auto name = fmt::format("{}.{}", owner, version);
    const auto held = attachment(map, name);
    if (held == entries) return name;
    if (free.empty() && held.empty()) free = name;
    if (version > static_cast<int>(map.size())) return free;  // the map cannot hold more names
  }
}

std::string_view attachmentOf(std::string_view key) {
  const auto owner = key.find('.');
  const auto version = owner == key.npos ? owner : key.find('.', owner + 1);
  return version == key.npos ? std::string_view() : key.substr(0, version);
}

}  // namespace libra::sidecar::haproxy
