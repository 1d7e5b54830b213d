#include "sidecar/vip/frames.h"

#include <net/ethernet.h>
#include <netinet/in.h>

#include <algorithm>
#include <span>

namespace libra::sidecar {

namespace {

using Ipv6 = std::array<std::uint8_t, 16>;

constexpr MacAddress kBroadcast{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
constexpr MacAddress kAllNodesMac{0x33, 0x33, 0, 0, 0, 1};
constexpr Ipv6 kAllNodes{0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

constexpr unsigned kEthernet = 1, kArpRequest = 1, kArpReply = 2;
constexpr unsigned kSolicitation = 135, kAdvertisement = 136;
constexpr unsigned kHopLimit = 255;  // neighbours refuse any other

// A frame written byte by byte, in network order.
struct Frame {
  std::string bytes;

  Frame& u8(unsigned value) { return bytes.push_back(static_cast<char>(value)), *this; }
  Frame& u16(unsigned value) { return u8(value >> 8 & 0xFF).u8(value & 0xFF); }
  Frame& add(const std::uint8_t* data, std::size_t size) {
    bytes.append(reinterpret_cast<const char*>(data), size);
    return *this;
  }
  Frame& add(const MacAddress& mac) { return add(mac.data(), mac.size()); }
  Frame& add(const Ipv6& address) { return add(address.data(), address.size()); }
};

unsigned checksum(const std::string& bytes) {
  unsigned sum = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
    sum += static_cast<unsigned>(static_cast<std::uint8_t>(bytes[i]) << 8 | static_cast<std::uint8_t>(bytes[i + 1]));
  while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
  return ~sum & 0xFFFF;
}

struct Parties {
  MacAddress from, to;
  Ipv6 source, destination;
};

// `body` follows the type, the code and the checksum.
std::string neighbourDiscovery(const Parties& parties, unsigned type, const std::string& body) {
  const auto message = [&](unsigned sum) { return Frame{}.u8(type).u8(0).u16(sum).bytes + body; };
  const auto size = static_cast<unsigned>(message(0).size());
  Frame pseudo;
  pseudo.add(parties.source).add(parties.destination).u16(0).u16(size).u16(0).u16(IPPROTO_ICMPV6);
  const auto sum = checksum(pseudo.bytes + message(0));

  Frame frame;
  frame.add(parties.to).add(parties.from).u16(ETHERTYPE_IPV6);
  frame.u8(0x60).u8(0).u16(0).u16(size).u8(IPPROTO_ICMPV6).u8(kHopLimit);
  return frame.add(parties.source).add(parties.destination).bytes + message(sum);
}

std::string arpProbe(const NetAddress& address, const MacAddress& mac) {
  Frame frame;
  frame.add(kBroadcast).add(mac).u16(ETHERTYPE_ARP);
  frame.u16(kEthernet).u16(ETHERTYPE_IP).u8(6).u8(4).u16(kArpRequest);
  frame.add(mac).u16(0).u16(0).add(MacAddress{}).add(address.bytes().data(), 4);
  return frame.bytes;
}

std::string duplicateSolicitation(const NetAddress& address, const MacAddress& mac) {
  const auto& ip = address.bytes();
  const MacAddress group_mac{0x33, 0x33, 0xFF, ip[13], ip[14], ip[15]};
  const Ipv6 group{0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF, ip[13], ip[14], ip[15]};
  return neighbourDiscovery({mac, group_mac, {}, group}, kSolicitation, Frame{}.u16(0).u16(0).add(ip).bytes);
}

// Bytes at fixed places. Who reads has looked at the size.
struct Reader {
  std::string_view bytes;

  unsigned u8(std::size_t at) const { return static_cast<std::uint8_t>(bytes[at]); }
  unsigned u16(std::size_t at) const { return u8(at) << 8 | u8(at + 1); }
  NetAddress address(std::size_t at, std::size_t size) const {
    return *NetAddress::fromBytes({reinterpret_cast<const std::uint8_t*>(bytes.data()) + at, size});
  }
  MacAddress mac(std::size_t at) const {
    MacAddress mac;
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), mac.size(), mac.begin());
    return mac;
  }
};

std::optional<AddressClaim> readArp(const Reader& frame) {
  constexpr std::size_t kBegin = sizeof(ether_header), kSize = 28;
  if (frame.bytes.size() < kBegin + kSize) return std::nullopt;
  if (frame.u16(kBegin) != kEthernet || frame.u16(kBegin + 2) != ETHERTYPE_IP) return std::nullopt;
  if (frame.u8(kBegin + 4) != 6 || frame.u8(kBegin + 5) != 4) return std::nullopt;
  const auto operation = frame.u16(kBegin + 6);
  if (operation != kArpRequest && operation != kArpReply) return std::nullopt;
  const auto by = frame.mac(kBegin + 8);
  const auto sender = frame.address(kBegin + 14, 4);
  if (sender.v4() != 0) return AddressClaim{sender, by};
  if (operation == kArpReply) return std::nullopt;
  return AddressClaim{frame.address(kBegin + 24, 4), by};
}

std::optional<AddressClaim> readNeighbourDiscovery(const Reader& frame) {
  constexpr std::size_t kBegin = sizeof(ether_header), kMessage = kBegin + 40, kSize = 24;
  if (frame.bytes.size() < kMessage + kSize || frame.u8(kBegin) >> 4 != 6) return std::nullopt;
  if (frame.u8(kBegin + 6) != IPPROTO_ICMPV6 || frame.u8(kBegin + 7) != kHopLimit) return std::nullopt;
  const auto type = frame.u8(kMessage);
  const bool detects = type == kSolicitation && frame.address(kBegin + 8, 16) == *NetAddress::parse("::");
  if (frame.u8(kMessage + 1) != 0 || (type != kAdvertisement && !detects)) return std::nullopt;
  return AddressClaim{frame.address(kMessage + 8, 16), frame.mac(ETH_ALEN)};
}

}  // namespace

std::string gratuitousArp(const NetAddress& address, const MacAddress& mac, bool reply) {
  const auto* ip = address.bytes().data();
  Frame frame;
  frame.add(kBroadcast).add(mac).u16(ETHERTYPE_ARP);
  frame.u16(kEthernet).u16(ETHERTYPE_IP).u8(6).u8(4).u16(reply ? kArpReply : kArpRequest);
  frame.add(mac).add(ip, 4).add(reply ? kBroadcast : MacAddress{}).add(ip, 4);
  return frame.bytes;
}

std::string unsolicitedAdvertisement(const NetAddress& address, const MacAddress& mac) {
  constexpr unsigned kOverride = 0x20, kTargetLinkAddress = 2;
  Frame body;
  body.u8(kOverride).u8(0).u16(0).add(address.bytes()).u8(kTargetLinkAddress).u8(1).add(mac);
  return neighbourDiscovery({mac, kAllNodesMac, address.bytes(), kAllNodes}, kAdvertisement, body.bytes);
}

std::string addressQuestion(const NetAddress& address, const MacAddress& mac) {
  return address.isV6() ? duplicateSolicitation(address, mac) : arpProbe(address, mac);
}

std::optional<AddressClaim> readClaim(std::string_view frame) {
  const Reader reader{frame};
  if (frame.size() < sizeof(ether_header)) return std::nullopt;
  switch (reader.u16(2 * ETH_ALEN)) {
    case ETHERTYPE_ARP:
      return readArp(reader);
    case ETHERTYPE_IPV6:
      return readNeighbourDiscovery(reader);
    default:
      return std::nullopt;
  }
}

std::string signedClaimFrame(const SignedClaim& claim, const MacAddress& to) {
  Frame frame;
  frame.add(to).add(claim.by).u16(kSignedClaimType).u16(static_cast<unsigned>(claim.bytes.size()));
  return frame.bytes + claim.bytes;
}

// A short frame is filled up on its way.
std::optional<SignedClaim> readSignedClaim(std::string_view frame) {
  constexpr std::size_t kBegin = sizeof(ether_header) + 2;
  const Reader reader{frame};
  if (frame.size() < kBegin || reader.u16(2 * ETH_ALEN) != kSignedClaimType) return std::nullopt;
  const std::size_t size = reader.u16(sizeof(ether_header));
  if (size == 0 || size > kLongestSignedClaim || frame.size() < kBegin + size) return std::nullopt;
  return SignedClaim{reader.mac(ETH_ALEN), std::string(frame.substr(kBegin, size))};
}

}  // namespace libra::sidecar
