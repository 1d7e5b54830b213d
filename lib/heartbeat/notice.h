#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/base/net_address.h"

namespace libra::heartbeat {

struct HeldVip {
  NetAddress address;
  std::uint64_t epoch = 0;
  bool operator==(const HeldVip&) const = default;
};

// What is said on the kept TLS connection, each in one line of text.

// From the device: first of all who it is in this life, then what it holds, again
// whenever that changes.
struct Hello {
  std::uint64_t boot = 0;
  bool operator==(const Hello&) const = default;
};
struct Holds {
  std::vector<HeldVip> vips;
  bool operator==(const Holds&) const = default;
};
struct ProxyLost {  // it crashed again, or does not come back
  bool operator==(const ProxyLost&) const = default;
};

// From the controller.
struct Watching {  // "I watch you": send beats
  std::uint64_t session = 0;
  std::chrono::milliseconds interval{50};
  bool operator==(const Watching&) const = default;
};
struct Checked {  // the answer to Holds: all of it is rightly yours but what Drop named before
  bool operator==(const Checked&) const = default;
};
struct Drop {  // somebody holds it with this epoch; yours is not higher
  HeldVip vip;
  bool operator==(const Drop&) const = default;
};

using Notice = std::variant<Hello, Holds, ProxyLost, Watching, Checked, Drop>;

constexpr std::size_t kMostVips = 64;         // in one Holds
constexpr std::size_t kLongestNotice = 8192;  // bytes, without the end of line

std::string write(const Notice& notice);                  // without the end of line
std::optional<Notice> readNotice(std::string_view line);  // none: not what write() makes

}  // namespace libra::heartbeat
