#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "lib/base/handles.h"
#include "lib/base/net_address.h"
#include "lib/base/result.h"

namespace libra::sidecar {

using MacAddress = std::array<std::uint8_t, 6>;

// The frames by which neighbours learn that `address` is at `mac`, from the Ethernet
// header on. ARP comes in both forms, because each is ignored by somebody.
std::string gratuitousArp(const NetAddress& address, const MacAddress& mac, bool reply);
std::string unsolicitedAdvertisement(const NetAddress& address, const MacAddress& mac);

// Tells the neighbours of one interface, once per send(). Needs CAP_NET_RAW. Any thread.
class Announcer {
 public:
  static Result<Announcer> open(const std::string& interface);

  Status send(const NetAddress& address) const;

 private:
  Announcer(Fd socket, std::string interface) : socket_(std::move(socket)), interface_(std::move(interface)) {}
  Status sendFrame(const std::string& frame, int index) const;

  Fd socket_;
  std::string interface_;
};

}  // namespace libra::sidecar
