#pragma once

#include <string>

#include "controller/model/lease.h"

namespace libra::service {

// The lease under which the devices of a shard are seen to.
inline std::string leaseOfShard(int shard) { return "devices/" + std::to_string(shard); }
inline std::string leaseOfDevice(std::int64_t device) { return leaseOfShard(model::shardOf(device)); }

}  // namespace libra::service
