#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace libra {

// An IPv4 or IPv6 address. Never a host name. Value type, ordered, hashable by str().
class NetAddress {
 public:
  NetAddress() = default;

  // Strict: dotted quad or RFC 4291 text; no zone, no port, no leading zeros trickery.
  static std::optional<NetAddress> parse(std::string_view text);
  static NetAddress fromV4(std::uint32_t host_order);
  static std::optional<NetAddress> fromBytes(std::span<const std::uint8_t> bytes);  // 4 or 16, network order

  bool isV6() const { return v6_; }
  bool isLoopback() const;                                              // 127.0.0.0/8, ::1
  std::string str() const;                                              // canonical (RFC 5952)
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }  // v4: first 4 bytes, network order
  std::uint32_t v4() const;                                             // host order; only if !isV6()
  auto operator<=>(const NetAddress&) const = default;

 private:
  bool v6_ = false;
  std::array<std::uint8_t, 16> bytes_{};
};

// address/prefix. Strict: host bits must be zero.
struct NetRange {
  NetAddress network;
  int prefix = 0;

  static std::optional<NetRange> parse(std::string_view text);
  bool contains(const NetAddress& address) const;

  std::uint64_t size() const;                // addresses in it; no more than 2^63 are counted
  NetAddress at(std::uint64_t index) const;  // the network's own address is at 0
};

}  // namespace libra
