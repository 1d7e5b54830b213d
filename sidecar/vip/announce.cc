#include "sidecar/vip/announce.h"

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace libra::sidecar {

namespace {

constexpr MacAddress kBroadcast{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
constexpr MacAddress kAllNodesMac{0x33, 0x33, 0, 0, 0, 1};
constexpr std::array<std::uint8_t, 16> kAllNodes{0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

Error failure(const std::string& what) {
  return {ErrorCode::Internal, "The device's network could not be set up",
          "announce: " + what + ": " + std::strerror(errno)};
}

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
};

unsigned checksum(const std::string& bytes) {
  unsigned sum = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
    sum += static_cast<unsigned>(static_cast<std::uint8_t>(bytes[i]) << 8 | static_cast<std::uint8_t>(bytes[i + 1]));
  while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
  return ~sum & 0xFFFF;
}

Frame advertisement(const NetAddress& address, const MacAddress& mac, unsigned sum) {
  constexpr unsigned kType = 136, kOverride = 0x20, kTargetLinkAddress = 2;
  Frame frame;
  frame.u8(kType).u8(0).u16(sum).u8(kOverride).u8(0).u16(0);
  frame.add(address.bytes().data(), 16).u8(kTargetLinkAddress).u8(1).add(mac);
  return frame;
}

}  // namespace

std::string gratuitousArp(const NetAddress& address, const MacAddress& mac, bool reply) {
  constexpr unsigned kEthernet = 1;
  const auto* ip = address.bytes().data();
  Frame frame;
  frame.add(kBroadcast).add(mac).u16(ETHERTYPE_ARP);
  frame.u16(kEthernet).u16(ETHERTYPE_IP).u8(6).u8(4).u16(reply ? 2 : 1);
  frame.add(mac).add(ip, 4).add(reply ? kBroadcast : MacAddress{}).add(ip, 4);
  return frame.bytes;
}

std::string unsolicitedAdvertisement(const NetAddress& address, const MacAddress& mac) {
  Frame pseudo;
  pseudo.add(address.bytes().data(), 16).add(kAllNodes.data(), 16);
  const auto size = static_cast<unsigned>(advertisement(address, mac, 0).bytes.size());
  pseudo.u16(0).u16(size).u16(0).u16(IPPROTO_ICMPV6);
  const unsigned sum = checksum(pseudo.bytes + advertisement(address, mac, 0).bytes);

  Frame frame;
  frame.add(kAllNodesMac).add(mac).u16(ETHERTYPE_IPV6);
  frame.u8(0x60).u8(0).u16(0).u16(size).u8(IPPROTO_ICMPV6).u8(255);  // neighbours refuse any other hop limit
  frame.add(address.bytes().data(), 16).add(kAllNodes.data(), 16);
  return frame.bytes + advertisement(address, mac, sum).bytes;
}

Result<Announcer> Announcer::open(const std::string& interface) {
  Fd socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));  // protocol 0: it receives nothing
  if (!socket) return failure("socket");
  if (interface.size() >= IFNAMSIZ) return Error{ErrorCode::Invalid, "Interface name too long", interface};
  return Announcer(std::move(socket), interface);
}

Status Announcer::sendFrame(const std::string& frame, int index) const {
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = index;
  to.sll_halen = ETH_ALEN;
  frame.copy(reinterpret_cast<char*>(to.sll_addr), ETH_ALEN);
  if (::sendto(socket_.get(), frame.data(), frame.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) < 0)
    return failure("sending on " + interface_);
  return ok();
}

Status Announcer::send(const NetAddress& address) const {
  ifreq request{};
  interface_.copy(request.ifr_name, sizeof request.ifr_name - 1);
  if (::ioctl(socket_.get(), SIOCGIFINDEX, &request) != 0) return failure("interface " + interface_);
  const int index = request.ifr_ifindex;
  if (::ioctl(socket_.get(), SIOCGIFHWADDR, &request) != 0) return failure("interface " + interface_);
  MacAddress mac{};
  std::copy_n(reinterpret_cast<const std::uint8_t*>(request.ifr_hwaddr.sa_data), mac.size(), mac.begin());

  if (address.isV6()) return sendFrame(unsolicitedAdvertisement(address, mac), index);
  if (auto sent = sendFrame(gratuitousArp(address, mac, false), index); !sent) return sent;
  return sendFrame(gratuitousArp(address, mac, true), index);
}

}  // namespace libra::sidecar
