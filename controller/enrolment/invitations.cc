#include "controller/enrolment/invitations.h"

#include <unistd.h>

#include <chrono>
#include <sstream>

#include "lib/base/files.h"
#include "lib/base/ids.h"
#include "lib/base/owned_files.h"
#include "lib/protocol/enrolment.h"
#include "lib/tls/digest.h"

namespace libra::enrolment {

namespace {

constexpr std::chrono::hours kOpenFor{24};
constexpr std::size_t kSecretBytes = 32;

long long epochSeconds(Time time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

Error notOpen() {
  return Error{ErrorCode::Forbidden, "This invitation was used already, is too old or is not of this controller"};
}

}  // namespace

std::string Invitations::file(const std::string& secret) const { return folder_ + "/" + tls::sha256Hex(secret); }

Result<std::string> Invitations::invite(const std::string& device) {
  if (!protocol::isDeviceName(device))
    return Error{ErrorCode::Invalid, "'" + device + "' cannot be the name of a device"};
  const std::string secret = randomHex(kSecretBytes);
  const auto text = std::to_string(epochSeconds(clock_.now() + kOpenFor)) + " " + device + "\n";
  if (auto written = writeFileFor(group_, file(secret), text); !written) return written.error();
  return secret;
}

Result<std::string> Invitations::deviceOf(const std::string& secret) const {
  const auto text = readFile(file(secret), 1024);
  if (!text) return notOpen();
  std::istringstream words(*text);
  long long until = 0;
  std::string device;
  if (!(words >> until >> device) || until < epochSeconds(clock_.now())) return notOpen();
  return device;
}

Status Invitations::use(const std::string& secret) {
  return ::unlink(file(secret).c_str()) == 0 ? ok() : Status(notOpen());
}

}  // namespace libra::enrolment
