#pragma once

#include <string>

#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace libra::sidecar {

// A new connection to a proxy's unix socket; never blocks. Unavailable: nobody answers there.
Result<Fd> dial(const std::string& path);

}  // namespace libra::sidecar
