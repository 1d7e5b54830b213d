#pragma once

#include <string>

#include "lib/base/result.h"
#include "sidecar/haproxy/base.h"
#include "sidecar/haproxy/proxy_state.h"
#include "sidecar/make_driver.h"

namespace libra::sidecar::haproxy {

// What a process can take in while it runs: whatever a device may carry, or nothing beyond what
// it starts with. The latter starts in a third of the time, and one with every slot is to take
// over from it (Base::covers).
enum class Extent { EverySlot, SlotsInUse };

// The whole haproxy.cfg that starts `state` from nothing. Without a state it is the
// configuration of a spare: every slot empty, nothing in it tells one device from another
// but paths and ports. Refuses what could become more than the word it stands for.
Result<std::string> configText(const DriverConfig& config, const ProxyState& state, Extent extent = Extent::EverySlot);

// What every process started by these settings has, whatever state it starts with.
Result<Base> baseOf(const DriverConfig& config);

// A map file: one "key value" per line.
Result<std::string> mapText(const Entries& entries);

}  // namespace libra::sidecar::haproxy
