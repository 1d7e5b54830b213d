#pragma once

#include <string>

#include "lib/base/clock.h"
#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "sidecar/vip/frames.h"

namespace libra::sidecar {

// Whole frames on one interface, in the network namespace of the thread that opened it. Needs
// CAP_NET_RAW. May be used from any thread.
class PacketSocket {
 public:
  enum class Hears { Nothing, Arp, NeighbourDiscovery, SignedClaims };

  static Result<PacketSocket> open(const std::string& interface, Hears hears);

  Result<MacAddress> mac() const;
  Status hasCarrier() const;                    // an Error: nobody would hear what is sent
  Status send(const std::string& frame) const;  // to whom its header says
  std::string receive(Millis patience) const;   // the next frame; "": none came in time
  int fd() const { return socket_.get(); }      // readable when receive() has one

 private:
  PacketSocket(Fd socket, std::string interface) : socket_(std::move(socket)), interface_(std::move(interface)) {}
  Status hear(Hears hears) const;

  Fd socket_;
  std::string interface_;
};

}  // namespace libra::sidecar
