#include "sidecar/haproxy/slots.h"

#include <fmt/format.h>

#include <algorithm>

#include "sidecar/haproxy/words.h"

namespace libra::sidecar::haproxy {

namespace {

constexpr int kDefaultSlots = 12;  // eight load balancers and room for moves
constexpr int kLargestSlots = 16;  // eight, and eight they move to: whatever finds no place in a smaller class
constexpr int kOtherSlots = 2;

int slotsOf(const OptionClass& option_class) {
  if (option_class == OptionClass{}) return kDefaultSlots;
  return option_class.isLargest() ? kLargestSlots : kOtherSlots;
}

std::vector<Slot> makeSlots() {
  std::vector<Slot> slots;
  auto add = [&](const OptionClass& option_class) {
    for (int i = 0; i < slotsOf(option_class); ++i) slots.push_back({static_cast<int>(slots.size()) + 1, option_class});
  };
  add(OptionClass{});
  for (const auto& option_class : optionClasses())
    if (option_class != OptionClass{}) add(option_class);
  return slots;
}

std::string_view modeWord(const Variant& variant) {
  if (variant.mode == Mode::Tcp) return "tcp";
  return variant.plain ? "plain" : "http";
}
std::string_view word(Balance balance) {
  constexpr std::string_view kWords[] = {"rr", "lc", "rnd"};
  return kWords[static_cast<int>(balance)];
}
std::string_view word(MonitorType check) { return check == MonitorType::Connect ? "connect" : "http"; }

// A plain one's is as short as can be: HAProxy looks its backend up by name for each request.
std::string suffixOf(const Variant& variant) {
  auto text = fmt::format("_{}", modeWord(variant));
  if (!variant.plain || variant.balance != Balance::RoundRobin) text.append("_").append(word(variant.balance));
  if (!variant.plain || variant.check != MonitorType::Connect) text.append("_").append(word(variant.check));
  return text;
}

// The variants that a slot may have, by what their names end with.
const std::vector<std::pair<std::string, Variant>>& kinds() {
  static const std::vector<std::pair<std::string, Variant>> kAll = [] {
    std::vector<std::pair<std::string, Variant>> all;
    for (const auto& [mode, plain] :
         {std::pair(Mode::Tcp, false), std::pair(Mode::Http, false), std::pair(Mode::Http, true)})
      for (auto balance : {Balance::RoundRobin, Balance::LeastConnections, Balance::Random})
        for (auto check : {MonitorType::Connect, MonitorType::Http}) {
          const Variant kind{0, mode, balance, check, plain};
          all.emplace_back(suffixOf(kind), kind);
        }
    return all;
  }();
  return kAll;
}

bool exists(const OptionClass& option_class, const Variant& kind) {
  if (kind.plain) return option_class == OptionClass{};
  return kind.mode == Mode::Tcp || !option_class.half_closed;
}

Variant in(int slot, Variant kind) {
  kind.slot = slot;
  return kind;
}

}  // namespace

const std::vector<Slot>& allSlots() {
  static const std::vector<Slot> kSlots = makeSlots();
  return kSlots;
}

const Slot* slotNamed(std::string_view name) {
  if (name.empty() || name.front() != 's') return nullptr;
  const auto number = numberOf<std::size_t>(name.substr(1));
  if (!number || *number < 1 || *number > allSlots().size()) return nullptr;
  return &allSlots()[*number - 1];
}

std::string slotOf(std::string_view way) { return std::string(way.substr(0, way.find('.'))); }

std::string Variant::name() const { return Slot::nameOf(slot) + suffixOf(*this); }

std::optional<Variant> Variant::parse(std::string_view backend) {
  const auto mark = std::min(backend.find('_'), backend.size());
  const Slot* slot = slotNamed(backend.substr(0, mark));
  if (!slot || slot->name() != backend.substr(0, mark)) return std::nullopt;
  for (const auto& [suffix, kind] : kinds())
    if (suffix == backend.substr(mark) && exists(slot->option_class, kind)) return in(slot->number, kind);
  return std::nullopt;
}

std::vector<Variant> variantsOf(int slot) {
  std::vector<Variant> variants;
  for (const auto& [suffix, kind] : kinds())
    if (exists(allSlots()[static_cast<std::size_t>(slot) - 1].option_class, kind)) variants.push_back(in(slot, kind));
  return variants;
}

std::string sourceTable(int slot) { return variantsOf(slot).front().name(); }

std::string drainKey(int slot, const std::string& node) { return Slot::nameOf(slot) + "/" + node; }

std::string ServerName::text() const {
  std::string text = "n" + node + "-" + std::to_string(delay) + "s" + std::to_string(attempts);
  if (backup) text += "b";
  if (proxy) text += "p";
  if (!tls.empty()) text += "t" + tls;
  if (generation > 1) text += "-g" + std::to_string(generation);
  return text;
}

std::optional<ServerName> ServerName::parse(std::string_view text) {
  if (text.empty() || text.front() != 'n') return std::nullopt;
  ServerName name;
  auto rest = text.substr(1);
  if (const auto mark = rest.rfind("-g"); mark != rest.npos) {
    const auto generation = numberOf<int>(rest.substr(mark + 2));
    if (generation && *generation > 1) {
      name.generation = *generation;
      rest = rest.substr(0, mark);
    }
  }
  const auto dash = rest.rfind('-');
  if (dash == rest.npos || dash == 0) return std::nullopt;
  name.node = rest.substr(0, dash);
  auto birth = rest.substr(dash + 1);
  if (const auto mark = birth.find('t'); mark != birth.npos) {
    name.tls = birth.substr(mark + 1);
    birth = birth.substr(0, mark);
  }
  name.proxy = birth.ends_with('p');
  if (name.proxy) birth.remove_suffix(1);
  name.backup = birth.ends_with('b');
  if (name.backup) birth.remove_suffix(1);
  const auto letter = birth.find('s');
  if (letter == birth.npos) return std::nullopt;
  const auto delay = numberOf<long>(birth.substr(0, letter));
  const auto attempts = numberOf<int>(birth.substr(letter + 1));
  if (!delay || !attempts) return std::nullopt;
  name.delay = *delay;
  name.attempts = *attempts;
  return name.text() == text ? std::optional(name) : std::nullopt;
}

}  // namespace libra::sidecar::haproxy
