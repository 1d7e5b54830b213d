#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/handles.h"
#include "lib/base/net_address.h"
#include "lib/base/result.h"

namespace libra::sidecar {

struct InterfaceAddress {
  NetAddress address;
  int prefix = 0;
};

// Addresses of one interface, by rtnetlink, in the network namespace of the thread that
// called open(). A call takes about 0.1 ms. One thread at a time.
class Netlink {
 public:
  static Result<Netlink> open(const std::string& interface);

  // True when it was not there before. IPv6 is usable at once (no duplicate address
  // detection) and never chosen as the source of the device's own connections.
  Result<bool> add(const NetAddress& address, int prefix);
  Status remove(const NetAddress& address, int prefix);  // absent is ok
  Result<std::vector<InterfaceAddress>> list();
  Result<std::uint32_t> linkLosses();  // how often the interface lost its carrier, since it was made

 private:
  Netlink(Fd socket, std::string interface) : socket_(std::move(socket)), interface_(std::move(interface)) {}
  Result<int> index() const;
  Status send(std::string& message);
  Result<int> request(std::string& message);  // the kernel's errno, 0 when done
  Result<int> change(int type, int flags, const InterfaceAddress& what);

  Fd socket_;
  std::string interface_;
  unsigned sequence_ = 0;
};

}  // namespace libra::sidecar
