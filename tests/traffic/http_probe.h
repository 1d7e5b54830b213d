#pragma once

#include <sys/socket.h>

#include <chrono>
#include <string>

#include "lib/base/net_address.h"

namespace libra::traffic {

struct Answer {
  int status = 0;      // 0: no whole answer
  std::string node;    // the X-Node header our back ends set
  std::string cookie;  // SERVERID, if one was set
  std::string error;   // why there is none
};

// A client as a tenant's user would be: each get() opens a new connection, asks and reads
// to the end. Plain blocking sockets with one deadline for all of it. Any thread.
class HttpProbe {
 public:
  HttpProbe(NetAddress address, std::uint16_t port, std::chrono::milliseconds timeout = std::chrono::milliseconds(1000))
      : address_(address), port_(port), timeout_(timeout) {}

  // `headers`: further ones, each line with its CRLF.
  Answer get(const std::string& path = "/", const std::string& headers = {}) const;

 private:
  NetAddress address_;
  std::uint16_t port_;
  std::chrono::milliseconds timeout_;
};

socklen_t socketAddress(const NetAddress& address, std::uint16_t port, sockaddr_storage& out);

// Moves the calling thread into a named network namespace (`ip netns add NAME`) for the
// rest of its life. False, with errno, when it does not exist or we may not.
bool enterNetns(const std::string& name);

}  // namespace libra::traffic
