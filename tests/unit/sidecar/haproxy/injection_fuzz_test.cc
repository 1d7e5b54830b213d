// Whatever texts stand in a change, a state or the settings: what is written for HAProxy
// is one command, map entry or server of the intended words, or nothing at all. Judged by a
// reader of its own, which splits as HAProxy does. The seed is printed; LIBRA_SEED repeats a run.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "sidecar/haproxy/certificates.h"
#include "sidecar/haproxy/config_text.h"
#include "sidecar/haproxy/descriptor.h"
#include "sidecar/haproxy/plan.h"
#include "sidecar/haproxy/wanted.h"
#include "sidecar/haproxy/words.h"
#include "tests/support/device_states.h"

namespace libra::sidecar::haproxy {
namespace {

constexpr int kSteps = 100'000, kStates = 3'000, kMaps = 20'000, kConfigs = 150;

using Words = std::vector<std::string>;

// The commands of what is sent to the stats socket, as its words.
std::vector<Words> commandsIn(const std::string& line) {
  std::vector<Words> commands{{""}};
  for (std::size_t i = 0; i < line.size(); ++i) {
    auto& words = commands.back();
    if (line[i] == '\\' && i + 1 < line.size())
      words.back() += line[++i];
    else if (line[i] == ';' || line[i] == '\n' || line[i] == '\0')
      commands.push_back({""});
    else if (line[i] != ' ' && line[i] != '\t')
      words.back() += line[i];
    else if (!words.back().empty())
      words.emplace_back();
  }
  return commands;
}

class Hostile {
 public:
  explicit Hostile(std::uint64_t seed) : random_(seed) {}

  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }
  bool oneIn(int n) { return below(n) == 0; }

  std::string text() {
    static const std::string kPieces[] = {"\n",        "\r\n",    "\"",          "'",
                                          ";",         "#",       "%[src]",      std::string("\0", 1),
                                          "<<",        "\\",      " ",           "\t",
                                          "|",         ",",       ".",           "/",
                                          "=",         "${HOME}", "del server ", "server x 1.2.3.4:5",
                                          "backend b", "lb=16",   "\xc3\xbc",    "\xff",
                                          "\x7f",      "%0A",     "n501-30s2",   "s1_http_rr_connect",
                                          "15",        "a"};
    if (oneIn(200)) return std::string(16'384, kPieces[below(std::size(kPieces))].front());
    std::string text;
    for (int i = below(6); i > 0; --i) text += kPieces[below(std::size(kPieces))];
    if (oneIn(4)) text += static_cast<char>(below(256));
    return text;
  }
  std::string textOr(const std::string& sound) { return oneIn(3) ? sound : text(); }

  Server server() {
    return {NetAddress::fromV4(static_cast<std::uint32_t>(random_())), static_cast<std::uint16_t>(below(65'536)),
            below(257), static_cast<Admin>(below(3)), oneIn(2)};
  }
  std::string backend() { return textOr("s1_http_rr_connect"); }
  std::string serverName() { return textOr("n501-30s2"); }
  std::string store() { return textOr(StoreName{5, oneIn(2) ? "" : "b.example"}.text()); }
  std::string bundle() { return textOr("-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n"); }

  Step step() {
    const auto map = kMapFiles[below(std::size(kMapFiles))];
    switch (below(18)) {
      case 0:
        return AddServer{backend(), serverName(), server()};
      case 1:
        return SetAdmin{backend(), serverName(), static_cast<Admin>(below(3))};
      case 2:
        return SetWeight{backend(), serverName(), below(257)};
      case 3:
        return SetHealth{backend(), serverName(), oneIn(2)};
      case 4:
        return CutSessions{backend(), serverName()};
      case 5:
        return DeleteServer{backend(), serverName()};
      case 6:
        return AddEntry{map, text(), text()};
      case 7:
        return SetEntry{map, text(), text()};
      case 8:
        return RemoveEntry{map, text()};
      case 9:
        return ForgetSources{backend()};
      case 10:
        return AddStore{store()};
      case 11:
        return PutCertificate{store(), Secret(bundle())};
      case 12:
        return ListHost{store()};
      case 13:
        return UnlistHost{store()};
      case 14:
        return DeleteStore{store()};
      case 15:
        return AbortTransaction{store()};
      case 16:
        return AddAuthority{textOr(authorityName("0123456789abcdef")), bundle()};
      default:
        return DeleteAuthority{textOr(authorityName("0123456789abcdef"))};
    }
  }

  // Sound, with texts where a tenant's texts stand.
  protocol::DeviceState state() {
    auto balancer = test::aBalancer("15", 80, {test::aNode("501", 80), test::aNode("502", 81)});
    const auto monitor = oneIn(2) ? MonitorType::Http : MonitorType::Https;
    switch (below(7)) {
      case 0:
        balancer.id = textOr("15");
        break;
      case 1:
        balancer.nodes[0].id = text();
        break;
      case 2:
        balancer.error_page = text() + text() + text();
        break;
      case 3:
        balancer.name = text();
        break;
      case 4:
        balancer.monitor = {monitor, std::chrono::seconds(10), std::chrono::seconds(5), 2, "/", text()};
        break;
      case 5:
        balancer.monitor.status_regex = text();
        balancer.monitor.body_regex = text();
        break;
      default:
        break;
    }
    if (oneIn(2)) balancer.monitor.path = "/" + text();
    return test::aDevice(7, {balancer});
  }

 private:
  std::mt19937_64 random_;
};

std::uint64_t seedOfThisRun() {
  const char* given = std::getenv("LIBRA_SEED");
  const auto seed = given ? std::stoull(given) : std::random_device{}();
  std::printf("LIBRA_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

// What stands for the step's own texts, in their order, when it is a command at all.
Words textsOf(const Step& step) {
  return std::visit(
      [](const auto& one) -> Words {
        if constexpr (requires { one.backend + one.name; }) return {one.backend + "/" + one.name};
        if constexpr (requires { one.value; }) return {fileName(one.map), one.key, one.value};
        if constexpr (requires { one.key; }) return {fileName(one.map), one.key};
        if constexpr (requires { one.table; }) return {one.table};
        if constexpr (requires { one.authority; }) return {one.authority};
        return {};  // a store's name is part of a longer word
      },
      step);
}

// "" when the line is one command in which each of these texts is a word.
std::string faultOf(const std::string& line, const Words& texts) {
  const auto commands = commandsIn(line);
  if (commands.size() != 1) return "several commands";
  if (line.size() > kLongestCommand + 100) return "too long";
  if (line.find("<<") != line.npos) return "a payload";
  const auto& words = commands.front();
  const auto has = [&](const auto& text) { return std::count(words.begin(), words.end(), text) > 0; };
  if (!std::all_of(texts.begin(), texts.end(), has)) return "another text";
  static const std::set<std::string> kVerbs{"add",   "set", "del",    "enable", "shutdown",
                                            "clear", "new", "commit", "abort"};
  return kVerbs.count(words.front()) ? "" : "another command";
}

// An empty line ends what follows a command: the rest would be commands.
std::string faultOf(const Command& command, const Words& texts) {
  const auto payload = "\n" + command.payload.reveal();
  return payload.find("\n\n") == payload.npos || command.payload.reveal().empty() ? faultOf(command.line, texts)
                                                                                  : "commands behind a payload";
}

std::string faultOf(const Step& step) {
  const auto commands = commandsFor(step);
  if (!commands) return "";
  for (const auto& command : *commands)
    if (auto fault = faultOf(command, textsOf(step)); !fault.empty()) return fault + ": " + command.line;
  const auto words = commandsIn(commands->front().line).front().size();
  const bool entry = std::holds_alternative<AddEntry>(step) || std::holds_alternative<SetEntry>(step);
  return !entry || words == 5 ? "" : "more words: " + commands->front().line;
}

TEST(InjectionFuzz, ACommandIsOneCommandOfTheIntendedWords) {
  Hostile hostile(seedOfThisRun());
  int written = 0;
  for (int i = 0; i < kSteps; ++i) {
    const auto step = hostile.step();
    ASSERT_EQ(faultOf(step), "") << "step " << i;
    if (commandsFor(step)) ++written;
  }
  EXPECT_GT(written, kSteps / 20) << "nearly all were refused: that proves nothing";
}

TEST(InjectionFuzz, AStateIsRefusedOrReadsBackAsItIs) {
  Hostile hostile(seedOfThisRun());
  int accepted = 0;
  for (int i = 0; i < kStates; ++i) {
    const auto state = normalised(hostile.state(), {{80}, false, 0});
    if (!state) continue;
    const auto layout = layOut({}, *state, *place({}, *state), {}, Time{});
    const auto made = plan({}, layout);
    for (const auto& stage : made.stages)
      for (const auto& step : stage) ASSERT_EQ(faultOf(step), "") << "state " << i;
    const auto& text = layout.state.balancers.begin()->second;
    const auto descriptor = Descriptor::parse(text);
    ASSERT_TRUE(descriptor) << text;
    EXPECT_EQ(descriptor->balancer.monitor.host, state->load_balancers[0].monitor.host);
    EXPECT_EQ(std::count(text.begin(), text.end(), ' '), 0) << text;
    ++accepted;
  }
  EXPECT_GT(accepted, kStates / 5);
}

// One "key value" per line, and HAProxy skips lines that begin with '#'.
TEST(InjectionFuzz, AMapFileHoldsTheEntriesAndNothingElse) {
  Hostile hostile(seedOfThisRun());
  int written = 0;
  for (int i = 0; i < kMaps; ++i) {
    const Entries entries{{hostile.textOr("*:80"), hostile.textOr("s1")}};
    const auto text = mapText(entries);
    if (!text) continue;
    ASSERT_EQ(*text, entries.begin()->first + " " + entries.begin()->second + "\n");
    ASSERT_EQ(std::count(text->begin(), text->end(), '\n'), 1) << *text;
    ASSERT_EQ(std::count(text->begin(), text->end(), ' '), 1) << *text;
    ASSERT_NE(text->front(), '#');
    ++written;
  }
  EXPECT_GT(written, kMaps / 20);
}

TEST(InjectionFuzz, AConfigurationHasOneLineMorePerServer) {
  Hostile hostile(seedOfThisRun());
  DriverConfig config;
  config.stats_socket = "/run/s.sock";
  const auto plain = *configText(config, {});
  int written = 0;
  for (int i = 0; i < kConfigs; ++i) {
    ProxyState state;
    const auto name = hostile.serverName();
    state.servers["s1_http_rr_connect"][name] = hostile.server();
    const auto text = configText(config, state);
    if (!text) continue;
    const auto at = text->find("  server " + name + " ");
    ASSERT_NE(at, text->npos);
    auto rest = *text;
    ASSERT_EQ(rest.erase(at, rest.find('\n', at) + 1 - at), plain) << name;
    ++written;
  }
  EXPECT_GT(written, kConfigs / 10);
}

TEST(InjectionFuzz, SettingsAreRefusedOrStandInTheirLine) {
  Hostile hostile(seedOfThisRun());
  DriverConfig config;
  config.stats_socket = "/run/s.sock";
  const auto plain = *configText(config, {});
  const auto lines = std::count(plain.begin(), plain.end(), '\n');
  for (int i = 0; i < kConfigs; ++i) {
    auto other = config;
    (hostile.oneIn(2) ? other.stats_socket : other.management) = hostile.text();
    const auto text = configText(other, {});
    ASSERT_TRUE(!text || std::count(text->begin(), text->end(), '\n') == lines) << other.stats_socket;
  }
}

}  // namespace
}  // namespace libra::sidecar::haproxy
