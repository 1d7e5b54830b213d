#pragma once

#include <set>
#include <string>

#include "lib/base/clock.h"
#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "sidecar/vip/frames.h"
#include "sidecar/vip/packet_filter.h"

namespace libra::sidecar {

// Whole frames on one interface, in the network namespace of the thread that opened it. Needs
// CAP_NET_RAW. May be used from any thread.
class PacketSocket {
 public:
  enum class Hears { Nothing, Arp, NeighbourDiscovery, SignedClaims };

  static Result<PacketSocket> open(const std::string& interface, Hears hears);

  // Of Arp or NeighbourDiscovery, from now on, who says that he has one of these or is about to take it.
  Status hearOnly(const std::set<NetAddress>& addresses) const;

  Result<MacAddress> mac() const;
  Status hasCarrier() const;                    // an Error: nobody would hear what is sent
  Status send(const std::string& frame) const;  // to whom its header says
  std::string receive(Millis patience) const;   // the next frame; "": none came in time
  int fd() const { return socket_.get(); }      // readable when receive() has one

 private:
  PacketSocket(Fd socket, std::string interface, Hears hears)
      : socket_(std::move(socket)), interface_(std::move(interface)), hears_(hears) {}
  Status hear() const;
  bool attach(PacketFilter filter) const;

  Fd socket_;
  std::string interface_;
  Hears hears_;
};

}  // namespace libra::sidecar
