#pragma once

#include "controller/settings.h"

namespace libra {

// The controller, until SIGTERM or SIGINT (the second one stops at once); SIGHUP has the
// certificates read again. Returns the exit code; nothing is served when any part of it
// cannot start.
int runController(const Settings& settings);

// Brings the schema up to this binary's; the exit code.
int migrateOnly(const Settings& settings);

}  // namespace libra
