#pragma once

#include <string>

#include "lib/base/result.h"

namespace libra::sidecar::haproxy {

// `binary -c -f file`: Internal with HAProxy's own words in the detail when it would not
// start from this file, Unavailable when it cannot be asked within 20 s.
Status checkConfig(const std::string& binary, const std::string& file);

// "2.6.12-1+deb12u4", from `binary -v`.
Result<std::string> versionOf(const std::string& binary);

}  // namespace libra::sidecar::haproxy
