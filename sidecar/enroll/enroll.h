#pragma once

#include <functional>
#include <string>

#include "lib/base/result.h"
#include "lib/daemon/options.h"
#include "lib/protocol/enrolment.h"

namespace libra::sidecar {

struct EnrollOptions {
  std::string folder = "/etc/libra";
  std::string state = "/var/lib/libra-sidecar";
  std::string group = "libra-sidecar";
  std::string interface = "eth0";
};

using AskController = std::function<Result<protocol::Enrolment>(const protocol::Invitation& invitation,
                                                                const protocol::EnrolmentRequest& request)>;

// Makes this device's key, exchanges the invitation for a certificate of it, and writes both
// and the settings; an enrolled device is left as it is. Each step is told to `say`.
Status enroll(const std::string& invitation, const EnrollOptions& options, const AskController& ask,
              const std::function<void(const std::string& line)>& say);

// `libra-sidecar enroll FILE …`.
int enrollCommand(int argc, char** argv);
daemon::CommandLine enrollCommandLine(EnrollOptions& options);

}  // namespace libra::sidecar
