#include "sidecar/haproxy/servers_state.h"

#include <fmt/format.h>

#include <sstream>

namespace libra::sidecar::haproxy {

namespace {

constexpr std::string_view kHeader = "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state ";

Error misunderstood(std::string_view line) {
  return Error{ErrorCode::Internal, "The proxy's answer was not understood",
               fmt::format("show servers state: {}", line.substr(0, 200))};
}

Admin adminOf(std::int64_t flags) {
  constexpr std::int64_t kMaintenance = 0x23, kDrain = 0x18;  // SRV_ADMF_MAINT, SRV_ADMF_DRAIN
  if (flags & kMaintenance) return Admin::Maintenance;
  return flags & kDrain ? Admin::Drain : Admin::Ready;
}

}  // namespace

Result<Operations> parseServersState(std::string_view answer) {
  std::istringstream lines{std::string(answer)};
  std::string line;
  if (!std::getline(lines, line) || line != "1") return misunderstood(line);
  if (!std::getline(lines, line) || !line.starts_with(kHeader)) return misunderstood(line);

  Operations operations;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string backend, server, skipped;
    std::int64_t state = 0, flags = 0;
    if (!(words >> skipped >> backend >> skipped >> server >> skipped >> state >> flags)) return misunderstood(line);
    operations[{backend, server}] = {adminOf(flags), state != 0};
  }
  return operations;
}

}  // namespace libra::sidecar::haproxy
