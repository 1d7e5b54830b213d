#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "lib/base/handles.h"
#include "lib/base/result.h"

// Lines over a unix socket, blocking with a deadline. Any thread.
namespace libra::provider {

using Deadline = std::chrono::steady_clock::time_point;

Result<Fd> connectTo(const std::string& socket_path);

// One line, without its '\n'; Unavailable when it does not come whole in time, Invalid
// when it is longer than `most`. What follows the line is dropped: one each way.
Result<std::string> readLine(int socket, std::size_t most, Deadline deadline);
Status writeLine(int socket, std::string_view line, Deadline deadline);

}  // namespace libra::provider
