#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace libra::provider::netns {

// Runs a program to its end, without a shell; `input` is its standard input. Internal,
// with the last line it wrote, when it fails or is not done in `patience` (killed then).
Status runCommand(const std::vector<std::string>& argv, std::string_view input = {},
                  std::chrono::milliseconds patience = std::chrono::seconds(10));

// What a program said last, from the open file it wrote to; at most 4 KiB of it.
std::string lastLineOf(int file);

}  // namespace libra::provider::netns
