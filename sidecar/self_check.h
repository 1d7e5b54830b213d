#pragma once

#include "sidecar/driver.h"

namespace libra::sidecar {

// Told in DISCOVER by a sidecar that understands CHECK.
inline constexpr const char* kSelfCheck = "self-check";

// Sends one real request through the proxy of a device that carries nothing: a load balancer of
// our own on loopback, with a node that we play, is put into the proxy and taken out again. OK
// when the answer came through. The caller keeps others from the driver meanwhile, a second at most.
Status checkItself(Driver& driver, const protocol::DeviceState& empty);

}  // namespace libra::sidecar
