#pragma once

#include "lib/base/handles.h"
#include "lib/base/net_address.h"
#include "lib/base/result.h"

namespace libra::sidecar::nginx {

// A TCP socket that listens here, also where the address is not (yet) one of this machine.
// A port of one address and that of all may be listened on at once, by the same user: the
// more exact one gets the connections. Unavailable when somebody else has it.
Result<Fd> listenOn(const NetAddress& address, std::uint16_t port);

}  // namespace libra::sidecar::nginx
