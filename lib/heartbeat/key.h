#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "lib/base/result.h"

namespace libra::heartbeat {

using Bytes = std::span<const std::uint8_t>;
using Secret = std::array<std::uint8_t, 32>;
using Tag = std::array<std::uint8_t, 16>;

// The label under which both ends take the secret out of their TLS session (RFC 5705).
inline constexpr std::string_view kExporterLabel = "EXPORTER-libra-heartbeat";

// Authenticates the datagrams of one connection: HMAC-SHA256, half of it sent. About a
// microsecond each. It is the secret and no more, for a watcher has ten thousand of them,
// whose beats find nothing in the processor's cache: OpenSSL's own keyed state, which is
// quicker when it is there, lies in a dozen places. Any thread.
class Key {
 public:
  explicit Key(const Secret& secret) : secret_(secret) {}

  Result<Tag> tag(Bytes message) const;
  bool matches(Bytes message, Bytes tag) const;  // in a time that does not tell where they differ

 private:
  Secret secret_;
};

}  // namespace libra::heartbeat
