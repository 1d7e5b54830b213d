#pragma once

#include <string>

namespace libra {

// Random lower-case hex from the kernel, `bytes` bytes of it (two digits each).
// Fit for secrets and unique ids. Any thread.
std::string randomHex(std::size_t bytes);

std::string newRequestId();  // "req-" and 16 digits
std::string newUuid();       // RFC 4122 version 4, lower case

}  // namespace libra
