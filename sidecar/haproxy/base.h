#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace libra::sidecar::haproxy {

// What a HAProxy process has from its start to its end: all of its configuration but servers
// and map entries. It tells it by its description: "libra:9f86d081884c7d65:80-443".
struct Base {
  std::uint64_t fingerprint = 0;   // of the text without ports
  std::set<std::uint16_t> ports;   // bound for any address
  bool slots_in_use_only = false;  // "libra:9f86d081884c7d65+:80-443": serves, but takes in nothing more
  bool operator==(const Base&) const = default;

  std::string text() const;
  static std::optional<Base> parse(std::string_view text);

  bool covers(const Base& other) const {
    return fingerprint == other.fingerprint && binds(other.ports) && (!slots_in_use_only || other.slots_in_use_only);
  }
  bool binds(const std::set<std::uint16_t>& others) const;
};

std::uint64_t fingerprintOf(std::string_view text);  // FNV-1a: the same in every build

}  // namespace libra::sidecar::haproxy
