#pragma once

#include <sys/stat.h>

#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace libra {

// The whole file. Invalid, naming the file, when it cannot be read or holds more than `most` bytes.
Result<std::string> readFile(const std::string& path, std::size_t most = 16 * 1024 * 1024);

// Gives the file this content at once or not at all, also through a crash: written
// aside in the same folder, synced, renamed. Others may read it meanwhile; two writers
// of one file do not mix their contents. Internal, naming the file, when it fails.
Status replaceFile(const std::string& path, std::string_view content, mode_t mode = 0644);

}  // namespace libra
