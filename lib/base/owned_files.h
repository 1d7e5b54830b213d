#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace libra {

// For programs that prepare what a daemon of another user reads: the owner stays who runs
// them, the group is the daemon's. Internal, naming the path, when it fails; Invalid when
// there is no such group.
Status makeFolderFor(const std::string& group, const std::string& path, mode_t mode = 0750);  // fine when it is there
Status writeFileFor(const std::string& group, const std::string& path, std::string_view content, mode_t mode = 0640);

}  // namespace libra
