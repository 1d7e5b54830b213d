#include "sidecar/haproxy/servers_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sidecar/haproxy/words.h"

namespace libra::sidecar::haproxy {

namespace {

constexpr std::string_view kHeader =
    "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight "
    "srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state "
    "bk_f_forced_id srv_f_forced_id srv_fqdn srv_port";
enum Column { kBackend = 1, kName = 3, kAddress, kState, kAdmin, kWeight, kPort = 18, kColumns };

Error misunderstood(std::string_view line) {
  return Error{ErrorCode::Internal, "The proxy's answer was not understood",
               fmt::format("show servers state: {}", line.substr(0, 200))};
}

std::string_view nextPart(std::string_view& text, char end) {
  const auto part = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

Admin adminOf(std::int64_t flags) {
  constexpr std::int64_t kMaintenance = 0x23, kDrain = 0x18;  // SRV_ADMF_MAINT, SRV_ADMF_DRAIN
  if (flags & kMaintenance) return Admin::Maintenance;
  return flags & kDrain ? Admin::Drain : Admin::Ready;
}

// Of a server without an address, which none of ours is, it stays unspecified.
std::optional<ServerState> readServer(const std::array<std::string_view, kColumns>& words) {
  const auto state = numberOf<int>(words[kState]), flags = numberOf<int>(words[kAdmin]);
  const auto weight = numberOf<int>(words[kWeight]);
  const auto port = numberOf<std::uint16_t>(words[kPort]);
  if (!state || !flags || !weight || !port) return std::nullopt;
  ServerState server{{{}, *port, *weight, adminOf(*flags)}, *state != 0};
  if (const auto address = NetAddress::parse(words[kAddress])) server.server.address = *address;
  return server;
}

}  // namespace

Result<ServerStates> parseServersState(std::string_view answer) {
  if (const auto version = nextPart(answer, '\n'); version != "1") return misunderstood(version);
  if (const auto header = nextPart(answer, '\n'); !header.starts_with(kHeader)) return misunderstood(header);

  ServerStates servers;
  while (!answer.empty()) {
    const auto line = nextPart(answer, '\n');
    std::array<std::string_view, kColumns> words;
    auto rest = line;
    for (auto& word : words) word = nextPart(rest, ' ');
    const auto server = readServer(words);
    if (!server) return misunderstood(line);
    servers[std::string(words[kBackend])][std::string(words[kName])] = *server;
  }
  return servers;
}

}  // namespace libra::sidecar::haproxy
