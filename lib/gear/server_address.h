#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace libra::gear {

// Where a job server is: "host:port" or "[v6 address]:port".
struct ServerAddress {
  std::string text;  // as it was written
  std::string host;  // a name or an address, without brackets
  std::uint16_t port = 0;

  bool isNumeric() const;
  bool isLoopback() const;  // an address of 127.0.0.0/8, ::1, or the name localhost
};

Result<ServerAddress> parseServer(std::string_view text);

}  // namespace libra::gear
