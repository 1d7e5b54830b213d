#pragma once

#include <string>

#include "sidecar/driver.h"

namespace libra::sidecar {

// As it is told in answers: "runtime", "blue-green"; "" when nothing had to change.
std::string wordFor(Mechanism mechanism);

}  // namespace libra::sidecar
