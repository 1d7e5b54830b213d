#include "lib/heartbeat/beat.h"

#include <algorithm>

namespace libra::heartbeat {

namespace {

constexpr std::uint32_t kMagic = 0x4c484231;  // "LHB1"
constexpr std::size_t kSigned = kBeatSize - sizeof(Tag);
constexpr std::uint8_t kProxyAlive = 1, kServing = 2, kKnownHealth = kProxyAlive | kServing;

class Writer {
 public:
  explicit Writer(BeatBytes& bytes) : at_(bytes.begin()) {}
  template <typename T>
  void put(T value) {
    for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8)
      *at_++ = static_cast<std::uint8_t>(value >> shift);
  }

 private:
  BeatBytes::iterator at_;
};

// Of a datagram whose size was checked.
class Reader {
 public:
  explicit Reader(Bytes bytes) : at_(bytes.begin()) {}
  template <typename T>
  T take() {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) value = value << 8 | *at_++;
    return static_cast<T>(value);
  }

 private:
  Bytes::iterator at_;
};

std::uint8_t healthBits(const Beat& beat) {
  return static_cast<std::uint8_t>((beat.proxy_alive ? kProxyAlive : 0) | (beat.serving ? kServing : 0));
}

}  // namespace

Result<BeatBytes> seal(const Beat& beat, const Key& key) {
  BeatBytes bytes{};
  Writer writer(bytes);
  writer.put(kMagic);
  writer.put(beat.session);
  writer.put(beat.sequence);
  writer.put(beat.boot);
  writer.put(static_cast<std::uint64_t>(beat.sent.count()));
  writer.put(beat.generation);
  writer.put(static_cast<std::uint8_t>(beat.kind));
  writer.put(healthBits(beat));
  writer.put(beat.vips);
  const auto tag = key.tag(Bytes(bytes).first(kSigned));
  if (!tag) return tag.error();
  std::copy(tag->begin(), tag->end(), bytes.begin() + kSigned);
  return bytes;
}

std::optional<std::uint64_t> sessionOf(Bytes datagram) {
  if (datagram.size() != kBeatSize) return std::nullopt;
  Reader reader(datagram);
  if (reader.take<std::uint32_t>() != kMagic) return std::nullopt;
  return reader.take<std::uint64_t>();
}

std::optional<Beat> open(Bytes datagram, const Key& key) {
  if (!sessionOf(datagram) || !key.matches(datagram.first(kSigned), datagram.subspan(kSigned))) return std::nullopt;
  Reader reader(datagram.subspan(sizeof kMagic));
  Beat beat;
  beat.session = reader.take<std::uint64_t>();
  beat.sequence = reader.take<std::uint64_t>();
  beat.boot = reader.take<std::uint64_t>();
  beat.sent = std::chrono::microseconds(reader.take<std::int64_t>());
  beat.generation = reader.take<std::uint64_t>();
  const auto kind = reader.take<std::uint8_t>();
  const auto health = reader.take<std::uint8_t>();
  beat.vips = reader.take<std::uint16_t>();
  if (kind < 1 || kind > 2 || (health & ~kKnownHealth) != 0 || beat.sent.count() < 0) return std::nullopt;
  beat.kind = static_cast<Beat::Kind>(kind);
  beat.proxy_alive = (health & kProxyAlive) != 0;
  beat.serving = (health & kServing) != 0;
  return beat;
}

}  // namespace libra::heartbeat
