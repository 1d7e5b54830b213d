#pragma once

#include <chrono>
#include <cstddef>

namespace libra::http {

struct Limits {
  std::size_t header_bytes = 16 * 1024;  // request line and headers together
  std::size_t body_bytes = 1024 * 1024;
  // Of this server. Beyond them the one that waits longest without a request makes room for
  // the newcomer; when all have one, the newcomer is closed.
  int connections = 4000;
  // Of all requests of this server that are not whole yet. Beyond them the one that takes longest is closed.
  std::size_t held_bytes = 256 * 1024 * 1024;
  std::chrono::milliseconds handshake{5'000};  // TLS, from accept
  std::chrono::milliseconds request{15'000};   // from the first byte of a request to its last, however it trickles
  std::chrono::milliseconds idle{60'000};      // kept connection without a request
  std::chrono::milliseconds write{15'000};     // a client that does not read its answer
  std::chrono::milliseconds drain{1'000};      // kept connection without a request while the server drains
};

}  // namespace libra::http
