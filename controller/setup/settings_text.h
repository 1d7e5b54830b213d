#pragma once

#include <string>

#include "controller/setup/setup.h"

namespace libra::setup {

// The settings file of a controller that was set up with these options.
std::string settingsText(const Options& options);

}  // namespace libra::setup
