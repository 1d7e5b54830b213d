#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "lib/heartbeat/key.h"

namespace libra::heartbeat {

// What goes over UDP between a device and a controller that watches it. 64 bytes, big
// endian: magic, session, sequence, boot, sent, generation, kind, health, VIPs, tag.
struct Beat {
  enum class Kind : std::uint8_t {
    Beat = 1,  // from the device, at the interval it was told and in answer to each probe
    Probe      // from the controller
  };
  Kind kind = Kind::Beat;
  std::uint64_t session = 0;          // of the kept connection whose key authenticates this
  std::uint64_t sequence = 0;         // rises with each datagram of one sender in one session
  std::uint64_t boot = 0;             // random, anew each time the sidecar starts
  std::chrono::microseconds sent{0};  // by the sender's monotonic clock
  std::uint64_t generation = 0;       // what the proxy runs
  bool proxy_alive = false;
  bool serving = false;  // it carries load balancers
  std::uint16_t vips = 0;
  bool operator==(const Beat&) const = default;
};

constexpr std::size_t kBeatSize = 64;
using BeatBytes = std::array<std::uint8_t, kBeatSize>;

Result<BeatBytes> seal(const Beat& beat, const Key& key);

// The session a datagram claims, to find the key by; none when it is no beat of ours.
std::optional<std::uint64_t> sessionOf(Bytes datagram);

// None: not made with this key, or not what we send.
std::optional<Beat> open(Bytes datagram, const Key& key);

}  // namespace libra::heartbeat
