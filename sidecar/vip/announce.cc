#include "sidecar/vip/announce.h"

namespace libra::sidecar {

Result<Announcer> Announcer::open(const std::string& interface) {
  auto socket = PacketSocket::open(interface, PacketSocket::Hears::Nothing);
  return socket ? Result(Announcer(*std::move(socket))) : socket.error();
}

Status Announcer::send(const NetAddress& address) const {
  const auto mac = socket_.mac();
  if (!mac) return mac.error();
  if (address.isV6()) return socket_.send(unsolicitedAdvertisement(address, *mac));
  if (auto sent = socket_.send(gratuitousArp(address, *mac, false)); !sent) return sent;
  return socket_.send(gratuitousArp(address, *mac, true));
}

}  // namespace libra::sidecar
