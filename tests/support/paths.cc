#include "tests/support/paths.h"

namespace libra::test {

std::string sourceDir() { return LIBRA_SOURCE_DIR; }
std::string binaryDir() { return LIBRA_BINARY_DIR; }

}  // namespace libra::test
