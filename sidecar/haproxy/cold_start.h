#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "lib/base/result.h"
#include "sidecar/haproxy/config_text.h"
#include "sidecar/haproxy/proxy_state.h"
#include "sidecar/make_driver.h"

namespace libra::sidecar::haproxy {

// <directory>/haproxy.cfg and the map files beside it are links into <directory>/current,
// itself a link to one of two folders: configuration and maps change in one rename, and a
// proxy started at any instant finds what belongs together.

// Writes the files of `state` aside, has `haproxy -c` judge them, puts them in place.
// Takes tens of milliseconds. An Error leaves the files in place as they were.
Status writeColdStart(const DriverConfig& config, const ProxyState& state, Extent extent = Extent::EverySlot);

// The files in place before the last ones are in place again.
Status takeBackColdStart(const DriverConfig& config);

// Those of one device, written by several threads in the order of their turns: one whose turn
// was before that of what is in place comes too late, and is not written. Safe from any thread.
class ColdStarts {
 public:
  std::uint64_t turn();
  Status write(std::uint64_t turn, const DriverConfig& config, const ProxyState& state, Extent extent);
  Status takeBack(const DriverConfig& config);

 private:
  std::mutex mutex_;  // also held while a file is written
  std::uint64_t written_ = 0;
  std::atomic<std::uint64_t> given_ = 0;
};

bool hasColdStart(const DriverConfig& config);

}  // namespace libra::sidecar::haproxy
