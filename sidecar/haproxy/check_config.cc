#include "sidecar/haproxy/check_config.h"

#include <sys/wait.h>

#include "sidecar/program/run_program.h"

namespace libra::sidecar::haproxy {

Status checkConfig(const std::string& binary, const std::string& file) {
  const auto output = runProgram({binary, "-c", "-f", file});
  if (!output) return output.error();
  if (WIFEXITED(output->status) && WEXITSTATUS(output->status) == 0) return ok();
  return Error{ErrorCode::Internal, "The start-up configuration is not valid", output->text};
}

Result<std::string> versionOf(const std::string& binary) { return sidecar::versionOf(binary, "HAProxy version "); }

}  // namespace libra::sidecar::haproxy
