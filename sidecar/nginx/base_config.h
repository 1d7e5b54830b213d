#pragma once

#include <string>

#include "lib/base/result.h"
#include "sidecar/make_driver.h"

namespace libra::sidecar::nginx {

// nginx.conf of any device, whatever it carries: one server{} per class, and no load
// balancer. nginx keeps those by itself, in <directory>/state.json. Invalid for settings that
// cannot be written there.
Result<std::string> configText(const DriverConfig& config);

// Puts it into config.directory for nginx's first start; changes nothing when there is one.
Status writeBaseConfig(const DriverConfig& config);

}  // namespace libra::sidecar::nginx
