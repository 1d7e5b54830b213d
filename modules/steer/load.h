#pragma once

#include <sys/types.h>

#include <string>

#include "lib/base/result.h"

namespace libra::steer {

// Attaches the steering program to the network namespace of the caller and leaves its maps
// as pins in the folder `pins`, which becomes a bpffs if it is none. The maps then belong to
// `uid` and `gid`, who need no privilege to change them. Loading what is loaded changes
// nothing. Needs CAP_BPF, CAP_NET_ADMIN, and CAP_SYS_ADMIN to mount. Unavailable when this
// kernel does not steer or this process may not make it.
Status load(const std::string& pins, uid_t uid, gid_t gid);

// Ends steering and removes the pins; the folder stays as it is. Absent is ok.
Status unload(const std::string& pins);

}  // namespace libra::steer
