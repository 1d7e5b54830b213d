#pragma once

// What neighbours on an Ethernet tell each other of addresses, from the Ethernet header on:
// ARP (RFC 826, RFC 5227) and neighbour discovery (RFC 4861, RFC 4862).

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/net_address.h"

namespace libra::sidecar {

using MacAddress = std::array<std::uint8_t, 6>;

// `address` is at `mac`. ARP comes in both forms, because each is ignored by somebody.
std::string gratuitousArp(const NetAddress& address, const MacAddress& mac, bool reply);
std::string unsolicitedAdvertisement(const NetAddress& address, const MacAddress& mac);

// Has anybody `address`? Asked by `mac`, which claims nothing by it: an ARP probe, or the
// solicitation of duplicate address detection.
std::string addressQuestion(const NetAddress& address, const MacAddress& mac);

// Who has an address by what he says, or asks as above because he is about to take it.
struct AddressClaim {
  NetAddress address;
  MacAddress by{};
  bool operator==(const AddressClaim&) const = default;
};

// Of any bytes; none: they claim nothing.
std::optional<AddressClaim> readClaim(std::string_view frame);

// A signed claim (lib/protocol/vip_claim.h) from one device to its neighbour, whose IP address it need not
// know: the EtherType for local experiments (IEEE 802), its size, and the bytes.
inline constexpr unsigned kSignedClaimType = 0x88B5;
inline constexpr std::size_t kLongestSignedClaim = 1498;
struct SignedClaim {
  MacAddress by{};
  std::string bytes;
  bool operator==(const SignedClaim&) const = default;
};
std::string signedClaimFrame(const SignedClaim& claim, const MacAddress& to);
std::optional<SignedClaim> readSignedClaim(std::string_view frame);  // of any bytes

}  // namespace libra::sidecar
