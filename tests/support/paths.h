#pragma once

#include <string>

namespace libra::test {

// Where the sources and this build's programs are. Only paths.cc is compiled with the
// answer, so that every other test's object is the same in every checkout (ccache).
std::string sourceDir();
std::string binaryDir();

}  // namespace libra::test
