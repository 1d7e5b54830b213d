#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <stdexcept>

#include "lib/base/handles.h"

namespace libra::traffic {

// Listens on a free port of 127.0.0.1. `flags` are those of socket().
class LoopbackListener {
 public:
  explicit LoopbackListener(int flags = 0) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    auto* address = reinterpret_cast<sockaddr*>(&at);
    if (::bind(fd_.get(), address, size) != 0 || ::listen(fd_.get(), 512) != 0 ||
        ::getsockname(fd_.get(), address, &size) != 0)
      throw std::runtime_error("cannot listen on 127.0.0.1");
    port_ = ntohs(at.sin_port);
  }

  int get() const { return fd_.get(); }
  std::uint16_t port() const { return port_; }

 private:
  Fd fd_;
  std::uint16_t port_ = 0;
};

}  // namespace libra::traffic
