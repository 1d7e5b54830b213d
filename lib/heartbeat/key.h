#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace libra::heartbeat {

using Bytes = std::span<const std::uint8_t>;
using Secret = std::array<std::uint8_t, 32>;
using Tag = std::array<std::uint8_t, 16>;

// The label under which both ends take the secret out of their TLS session (RFC 5705).
inline constexpr std::string_view kExporterLabel = "EXPORTER-libra-heartbeat";

// Authenticates the datagrams of one connection: HMAC-SHA256, half of it sent. About
// half a microsecond each. One thread at a time.
class Key {
 public:
  static Result<Key> of(const Secret& secret);

  Result<Tag> tag(Bytes message);
  bool matches(Bytes message, Bytes tag);  // in a time that does not tell where they differ

 private:
  using Mac = std::unique_ptr<EVP_MAC_CTX, FreeWith<EVP_MAC_CTX_free>>;
  explicit Key(Mac mac) : mac_(std::move(mac)) {}

  Mac mac_;  // holds the key; begun anew for each message
};

}  // namespace libra::heartbeat
