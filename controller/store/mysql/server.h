#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace libra::store::mysql {

// Where a database server listens: host and port, or a unix socket.
struct Server {
  std::string host;
  std::uint16_t port = 0;
  std::string socket;

  static Result<Server> parse(std::string_view text);  // "host:port", "[v6]:port", "unix:/path"
  std::string str() const;
};

}  // namespace libra::store::mysql
