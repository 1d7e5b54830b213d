#include "sidecar/vip/packet_socket.h"

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace libra::sidecar {

namespace {

constexpr std::size_t kLongestFrame = 2048;

Error failure(const std::string& what) {
  return {ErrorCode::Internal, "The device's network could not be set up",
          "announce: " + what + ": " + std::strerror(errno)};
}

Result<ifreq> ask(const Fd& socket, unsigned long what, const std::string& interface) {
  ifreq request{};
  interface.copy(request.ifr_name, sizeof request.ifr_name - 1);
  if (::ioctl(socket.get(), what, &request) != 0) return failure("interface " + interface);
  return request;
}

// Solicitations go to groups that this machine is in only once it has the address.
bool hearAllGroups(const Fd& socket, int interface) {
  packet_mreq all{};
  all.mr_ifindex = interface;
  all.mr_type = PACKET_MR_ALLMULTI;
  return ::setsockopt(socket.get(), SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) == 0;
}

unsigned typeOf(PacketSocket::Hears hears) {
  if (hears == PacketSocket::Hears::SignedClaims) return kSignedClaimType;
  return hears == PacketSocket::Hears::NeighbourDiscovery ? ETH_P_IPV6 : ETH_P_ARP;
}

}  // namespace

Result<PacketSocket> PacketSocket::open(const std::string& interface, Hears hears) {
  Fd socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));  // protocol 0: it receives nothing yet
  if (!socket) return failure("socket");
  if (interface.size() >= IFNAMSIZ) return Error{ErrorCode::Invalid, "Interface name too long", interface};
  PacketSocket opened(std::move(socket), interface, hears);
  if (hears != Hears::Nothing)
    if (auto heard = opened.hear(); !heard) return heard.error();
  return opened;
}

Status PacketSocket::hear() const {
  const auto index = ask(socket_, SIOCGIFINDEX, interface_);
  if (!index) return index.error();
  const bool v6 = hears_ == Hears::NeighbourDiscovery;
  if (v6 && !(attach(neighbourDiscovery()) && hearAllGroups(socket_, index->ifr_ifindex)))
    return failure("filter on " + interface_);
  sockaddr_ll at{};
  at.sll_family = AF_PACKET;
  at.sll_ifindex = index->ifr_ifindex;
  at.sll_protocol = htons(static_cast<std::uint16_t>(typeOf(hears_)));
  const bool bound = ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
  return bound ? ok() : failure("listening on " + interface_);
}

bool PacketSocket::attach(PacketFilter filter) const {
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  return ::setsockopt(socket_.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

Status PacketSocket::hearOnly(const std::set<NetAddress>& addresses) const {
  const bool arp = hears_ == Hears::Arp;
  return attach(arp ? arpOf(addresses) : neighbourDiscoveryOf(addresses)) ? ok() : failure("filter on " + interface_);
}

Result<MacAddress> PacketSocket::mac() const {
  const auto found = ask(socket_, SIOCGIFHWADDR, interface_);
  if (!found) return found.error();
  MacAddress mac{};
  std::copy_n(reinterpret_cast<const std::uint8_t*>(found->ifr_hwaddr.sa_data), mac.size(), mac.begin());
  return mac;
}

Status PacketSocket::hasCarrier() const {
  const auto found = ask(socket_, SIOCGIFFLAGS, interface_);
  if (!found) return found.error();
  if ((found->ifr_flags & IFF_UP) != 0 && (found->ifr_flags & IFF_RUNNING) != 0) return ok();
  return Error{ErrorCode::Unavailable, "The device's network is down", "no carrier on " + interface_};
}

Status PacketSocket::send(const std::string& frame) const {
  const auto index = ask(socket_, SIOCGIFINDEX, interface_);
  if (!index) return index.error();
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = index->ifr_ifindex;
  to.sll_halen = ETH_ALEN;
  frame.copy(reinterpret_cast<char*>(to.sll_addr), ETH_ALEN);
  const auto sent =
      ::sendto(socket_.get(), frame.data(), frame.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  return sent < 0 ? failure("sending on " + interface_) : ok();
}

std::string PacketSocket::receive(Millis patience) const {
  pollfd waiting{socket_.get(), POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(std::max(patience, Millis(0)).count())) != 1) return "";
  std::string frame(kLongestFrame, '\0');
  const auto size = ::recv(socket_.get(), frame.data(), frame.size(), MSG_DONTWAIT);
  frame.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  return frame;
}

}  // namespace libra::sidecar
