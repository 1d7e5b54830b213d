#include "lib/protocol/vip_claim.h"

#include "lib/json/value.h"
#include "lib/protocol/enrolment.h"

namespace libra::protocol {

namespace {

constexpr const char* kKind = "libra-vip/1";

}  // namespace

std::string writeVipClaim(const VipClaim& claim) {
  auto body = json::Value::object();
  body.set("claim", kKind).set("address", claim.address.str());
  body.set("epoch", static_cast<std::int64_t>(claim.epoch)).set("device", claim.device);
  return json::dump(body);
}

std::optional<VipClaim> readVipClaim(std::string_view text) {
  const auto body = json::parse(text);
  if (!body || (*body)["claim"].text() != kKind) return std::nullopt;
  const auto address = NetAddress::parse((*body)["address"].text());
  const auto epoch = (*body)["epoch"].integer(-1);
  const auto device = (*body)["device"].text();
  if (!address || epoch < 0 || !isDeviceName(device)) return std::nullopt;
  return VipClaim{*address, static_cast<std::uint64_t>(epoch), device};
}

}  // namespace libra::protocol
