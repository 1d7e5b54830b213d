#include "sidecar/vip/address_probe.h"

#include "sidecar/vip/packet_socket.h"

namespace libra::sidecar {

namespace {

constexpr int kQuestions = 3;
constexpr Millis kListen{150};    // after each of them
constexpr Millis kTakeTurns{10};  // between the two sockets

class Probe {
 public:
  static Result<Probe> open(const std::string& interface, const Clock& clock) {
    auto arp = PacketSocket::open(interface, PacketSocket::Hears::Arp);
    if (!arp) return arp.error();
    auto discovery = PacketSocket::open(interface, PacketSocket::Hears::NeighbourDiscovery);
    if (!discovery) return discovery.error();
    const auto mac = arp->mac();
    if (!mac) return mac.error();
    return Probe(*std::move(arp), *std::move(discovery), *mac, clock);
  }

  Status ask(const std::set<NetAddress>& addresses) const {
    if (auto up = arp_.hasCarrier(); !up) return up;
    for (const auto& address : addresses)
      if (auto sent = arp_.send(addressQuestion(address, mac_)); !sent) return sent;
    return ok();
  }

  std::set<NetAddress> listen() const {
    std::set<NetAddress> claimed;
    for (const auto until = clock_.monotonic() + kListen; clock_.monotonic() < until;)
      for (const auto* socket : {&arp_, &discovery_})
        if (const auto claim = readClaim(socket->receive(kTakeTurns)); claim && claim->by != mac_)
          claimed.insert(claim->address);
    return claimed;
  }

 private:
  Probe(PacketSocket arp, PacketSocket discovery, const MacAddress& mac, const Clock& clock)
      : arp_(std::move(arp)), discovery_(std::move(discovery)), mac_(mac), clock_(clock) {}

  PacketSocket arp_, discovery_;
  MacAddress mac_;
  const Clock& clock_;
};

}  // namespace

Result<std::set<NetAddress>> heldByNeighbours(const std::string& interface, const std::set<NetAddress>& addresses,
                                              const Clock& clock) {
  std::set<NetAddress> held;
  if (addresses.empty()) return held;
  const auto probe = Probe::open(interface, clock);
  if (!probe) return probe.error();
  for (int question = 0; question < kQuestions; ++question) {
    if (auto asked = probe->ask(addresses); !asked) return asked.error();
    for (const auto& address : probe->listen())
      if (addresses.contains(address)) held.insert(address);
  }
  return held;
}

}  // namespace libra::sidecar
