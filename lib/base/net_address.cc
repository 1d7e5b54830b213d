#include "lib/base/net_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace libra {

namespace {

// glibc prints ::1:2 as ::0.1.0.2, the "IPv4-compatible" form RFC 5952 does not want.
bool looksV4Compatible(const std::array<std::uint8_t, 16>& bytes) {
  return std::all_of(bytes.begin(), bytes.begin() + 12, [](auto b) { return b == 0; }) &&
         (bytes[12] != 0 || bytes[13] != 0);
}

}  // namespace

std::optional<NetAddress> NetAddress::parse(std::string_view text) {
  char buffer[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof buffer || text.find('\0') != text.npos) return std::nullopt;
  buffer[text.copy(buffer, text.size())] = '\0';

  NetAddress address;
  address.v6_ = text.find(':') != text.npos;
  // inet_pton refuses leading zeros, short forms, zones and ports by itself.
  if (::inet_pton(address.v6_ ? AF_INET6 : AF_INET, buffer, address.bytes_.data()) != 1) return std::nullopt;
  return address;
}

NetAddress NetAddress::fromV4(std::uint32_t host_order) {
  NetAddress address;
  for (int i = 0; i < 4; ++i) address.bytes_[i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
  return address;
}

std::optional<NetAddress> NetAddress::fromBytes(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != 4 && bytes.size() != 16) return std::nullopt;
  NetAddress address;
  address.v6_ = bytes.size() == 16;
  std::copy(bytes.begin(), bytes.end(), address.bytes_.begin());
  return address;
}

std::uint32_t NetAddress::v4() const {
  std::uint32_t host_order = 0;
  for (int i = 0; i < 4; ++i) host_order = host_order << 8 | bytes_[i];
  return host_order;
}

bool NetAddress::isLoopback() const {
  static const NetAddress v6 = *parse("::1");
  return v6_ ? *this == v6 : bytes_[0] == 127;
}

std::string NetAddress::str() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (v6_ && looksV4Compatible(bytes_))
    std::snprintf(text, sizeof text, "::%x:%x", bytes_[12] << 8 | bytes_[13], bytes_[14] << 8 | bytes_[15]);
  else
    ::inet_ntop(v6_ ? AF_INET6 : AF_INET, bytes_.data(), text, sizeof text);
  return text;
}

std::optional<NetRange> NetRange::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  const auto network = NetAddress::parse(text.substr(0, slash));
  const auto digits = text.substr(slash + 1);
  if (!network || digits.empty() || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;

  unsigned prefix = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  const unsigned bits = network->isV6() ? 128 : 32;
  if (prefix > bits) return std::nullopt;

  for (unsigned bit = prefix; bit < bits; ++bit)
    if (network->bytes()[bit / 8] & (0x80 >> bit % 8)) return std::nullopt;
  return NetRange{*network, static_cast<int>(prefix)};
}

bool NetRange::contains(const NetAddress& address) const {
  if (address.isV6() != network.isV6()) return false;
  for (int bit = 0; bit < prefix; ++bit) {
    const int mask = 0x80 >> bit % 8;
    if ((address.bytes()[bit / 8] ^ network.bytes()[bit / 8]) & mask) return false;
  }
  return true;
}

std::uint64_t NetRange::size() const {
  const int bits = (network.isV6() ? 128 : 32) - prefix;
  return std::uint64_t{1} << std::min(bits, 63);
}

NetAddress NetRange::at(std::uint64_t index) const {
  std::array<std::uint8_t, 16> bytes = network.bytes();
  const std::size_t length = network.isV6() ? 16 : 4;
  for (std::size_t i = length; i-- > 0; index >>= 8) {
    index += bytes[i];
    bytes[i] = static_cast<std::uint8_t>(index);
  }
  return *NetAddress::fromBytes(std::span(bytes).first(length));
}

}  // namespace libra
