#pragma once

#include <vector>

namespace libra::daemon {

// Sockets handed over by the service manager (LISTEN_FDS, LISTEN_PID): descriptors 3, 4, …
// made close-on-exec; empty when none or when they are for another process. The variables
// are removed so that children do not take them for theirs. Call once, before threads.
std::vector<int> takeListenFds();

}  // namespace libra::daemon
