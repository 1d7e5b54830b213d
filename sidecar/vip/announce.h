#pragma once

#include <string>

#include "sidecar/vip/packet_socket.h"

namespace libra::sidecar {

// Tells the neighbours of one interface, once per send(). Needs CAP_NET_RAW. Any thread.
class Announcer {
 public:
  static Result<Announcer> open(const std::string& interface);

  Status send(const NetAddress& address) const;

 private:
  explicit Announcer(PacketSocket socket) : socket_(std::move(socket)) {}

  PacketSocket socket_;
};

}  // namespace libra::sidecar
