#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace libra::protocol {

// What an operator carries from the controller to a new device: where to ask, whom to
// trust, and a secret that is good for one certificate. The whole text is a secret.
struct Invitation {
  std::string controller;  // "https://host:8443"
  std::string ca;          // PEM
  std::string device;
  std::string secret;
};

// What a device sends: its key stays where it was made.
struct EnrolmentRequest {
  std::string secret;
  std::string certificate_request;  // PEM
};

// What the device is given for it.
struct Enrolment {
  std::string ca, certificate;  // PEM
  std::vector<std::string> job_servers;
  std::vector<std::string> controllers = {};  // "address:port" of those that watch it
};

inline constexpr const char* kEnrolmentPath = "/enrolments";

// A device's name becomes a Gearman function, a certificate's name and a part of file
// names: letters, digits, '-', '_' and '.', at most 64, no '.' first.
bool isDeviceName(std::string_view name);

std::string text(const Invitation& invitation);
std::string text(const Enrolment& enrolment);
std::string text(const EnrolmentRequest& request);

// Invalid for anything that is not whole.
Result<Invitation> readInvitation(std::string_view text);
Result<Enrolment> readEnrolment(std::string_view text);
Result<EnrolmentRequest> readEnrolmentRequest(std::string_view text);

}  // namespace libra::protocol
