#pragma once

#include <string>

#include "lib/base/clock.h"
#include "lib/base/result.h"

namespace libra::tls {

// When the first certificate of a PEM file ends.
Result<Time> expiryOf(const std::string& file);

}  // namespace libra::tls
