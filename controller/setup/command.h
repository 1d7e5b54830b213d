#pragma once

#include "controller/setup/setup.h"
#include "lib/daemon/options.h"

namespace libra::setup {

// `libra-controller setup …`: reads its options, asks on a terminal for what is missing.
int setupCommand(int argc, char** argv);
daemon::CommandLine setupCommandLine(Options& options);

// `libra-controller invite DEVICE …`: prints an invitation for libra-sidecar enroll.
int inviteCommand(int argc, char** argv);
daemon::CommandLine inviteCommandLine(std::string& config);

}  // namespace libra::setup
