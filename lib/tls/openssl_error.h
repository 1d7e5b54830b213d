#pragma once

#include <string>

namespace libra::tls {

// Why the last OpenSSL call of this thread failed, in words; empties its error queue.
std::string takeOpensslError();

}  // namespace libra::tls
