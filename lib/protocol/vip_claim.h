#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/net_address.h"

namespace libra::protocol {

// That `device` holds a VIP by `epoch`, as a controller says it. Signed by one (VirtualIpState::claim)
// it settles between two devices whose the VIP is when no controller can: the higher epoch's. It
// says nothing of who shows it, and need not: it was true once, so an older epoch is over.
struct VipClaim {
  NetAddress address;
  std::uint64_t epoch = 0;
  std::string device;

  bool operator==(const VipClaim&) const = default;
};

// {"claim":"libra-vip/1","address":"10.77.9.1","epoch":7,"device":"lb-3"}: nothing else that is signed is like that.
std::string writeVipClaim(const VipClaim& claim);
std::optional<VipClaim> readVipClaim(std::string_view text);  // of any bytes

}  // namespace libra::protocol
