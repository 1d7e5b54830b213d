#include "sidecar/vip/packet_filter.h"

#include <netinet/in.h>

#include <cstdint>

namespace libra::sidecar {

namespace {

constexpr unsigned kWhole = 0xFFFFFFFF, kNothing = 0;
constexpr unsigned kNextHeader = 20, kType = 54, kTarget = 62;  // of an IPv6 frame
constexpr unsigned kSolicitationType = 135, kAdvertisementType = 136;
constexpr unsigned kSender = 28, kSought = 38;  // of an ARP frame, addresses

sock_filter load(unsigned short size, unsigned at) {
  return BPF_STMT(static_cast<unsigned short>(BPF_LD | size | BPF_ABS), at);
}
sock_filter give(unsigned bytes) { return BPF_STMT(BPF_RET | BPF_K, bytes); }
// How many instructions are passed over then, and otherwise.
sock_filter equals(unsigned value, unsigned char then, unsigned char otherwise) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, then, otherwise);
}

void append(PacketFilter& filter, const PacketFilter& more) { filter.insert(filter.end(), more.begin(), more.end()); }

unsigned word(const NetAddress& address, std::size_t index) {
  const auto* bytes = address.bytes().data() + 4 * index;
  return static_cast<unsigned>(bytes[0]) << 24 | static_cast<unsigned>(bytes[1]) << 16 |
         static_cast<unsigned>(bytes[2]) << 8 | bytes[3];
}

// Gives the frame when the loaded word is one of the IPv4 addresses.
PacketFilter oneOf(const std::set<NetAddress>& addresses) {
  PacketFilter filter;
  for (const auto& address : addresses)
    if (!address.isV6()) append(filter, {equals(word(address, 0), 0, 1), give(kWhole)});
  return filter;
}

PacketFilter ofTarget(const NetAddress& address) {
  return {load(BPF_W, kTarget),           equals(word(address, 0), 0, 7), load(BPF_W, kTarget + 4),
          equals(word(address, 1), 0, 5), load(BPF_W, kTarget + 8),       equals(word(address, 2), 0, 3),
          load(BPF_W, kTarget + 12),      equals(word(address, 3), 0, 1), give(kWhole)};
}

// Goes on behind it with what concerns addresses.
PacketFilter onlyNeighbourDiscovery() {
  return {load(BPF_B, kNextHeader),        equals(IPPROTO_ICMPV6, 1, 0),     give(kNothing), load(BPF_B, kType),
          equals(kSolicitationType, 2, 0), equals(kAdvertisementType, 1, 0), give(kNothing)};
}

}  // namespace

PacketFilter neighbourDiscovery() {
  auto filter = onlyNeighbourDiscovery();
  filter.push_back(give(kWhole));
  return filter;
}

PacketFilter arpOf(const std::set<NetAddress>& addresses) {
  PacketFilter filter{load(BPF_W, kSender)};
  append(filter, oneOf(addresses));
  append(filter, {equals(0, 1, 0), give(kNothing), load(BPF_W, kSought)});  // RFC 5227: a question without a sender
  append(filter, oneOf(addresses));
  filter.push_back(give(kNothing));
  return filter;
}

PacketFilter neighbourDiscoveryOf(const std::set<NetAddress>& addresses) {
  auto filter = onlyNeighbourDiscovery();
  for (const auto& address : addresses)
    if (address.isV6()) append(filter, ofTarget(address));
  filter.push_back(give(kNothing));
  return filter;
}

}  // namespace libra::sidecar
