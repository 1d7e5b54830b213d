#pragma once

#include <ostream>

namespace libra::cli {

// The whole program; returns the exit code. A header of its own, because a file that knows
// the commands compiles their parser.
int run(int argc, char** argv, std::ostream& out, std::ostream& err);

}  // namespace libra::cli
