#pragma once

#include <cstdint>
#include <string>

namespace libra::model {

// A row that lets one controller at a time do a piece of background work.
struct Lease {
  std::string name;         // "pool", "devices/3", "controller/<who>"
  std::string holder;       // a controller's identity; "": free
  std::uint64_t epoch = 0;  // raised with each new holder; 0: there is no row yet
  std::uint64_t beat = 0;   // raised by the holder while it lives
};

// The right to act for a lease, as it stood when the work began.
struct Tenure {
  std::string lease;
  std::uint64_t epoch = 0;
};

// Devices are watched in shards, each under a lease of its own. The number is the same in all
// controllers: another one would have a device watched by two, which costs work, not truth.
inline constexpr int kShardCount = 16;
using Shards = std::uint32_t;  // bit n: shard n
inline constexpr Shards kAllShards = (Shards{1} << kShardCount) - 1;

inline int shardOf(std::int64_t device) { return static_cast<int>(device % kShardCount); }
inline bool contains(Shards shards, std::int64_t device) { return ((shards >> shardOf(device)) & 1u) != 0; }

}  // namespace libra::model
