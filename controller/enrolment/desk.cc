#include "controller/enrolment/desk.h"

#include "lib/base/files.h"
#include "lib/log/log.h"
#include "lib/protocol/enrolment.h"
#include "lib/tls/authority.h"

namespace libra::enrolment {

namespace {

constexpr log::Logger kLog{"enrolment"};

Error unable(const Error& why) {
  return Error{ErrorCode::Internal, "The certificate cannot be made", why.message + " " + why.detail};
}

Result<tls::Identity> readAuthority(const Options& options) {
  auto certificate = readFile(options.ca);
  if (!certificate) return unable(certificate.error());
  auto key = readFile(options.ca_key);
  if (!key) return unable(key.error());
  return tls::Identity{*std::move(certificate), *std::move(key)};
}

// What the certificate says is ours to say, whatever the request asks for.
tls::Subject subjectOf(const std::string& device) {
  return {.common_name = device, .dns = {device}, .uri = {"libra:device:" + device}};
}

}  // namespace

Result<std::string> Desk::invite(const std::string& device) {
  if (!options_.open()) return Error{ErrorCode::Invalid, "no [enrolment] in the settings"};
  auto ca = readFile(options_.ca);
  if (!ca) return ca.error();
  auto secret = invitations_.invite(device);
  if (!secret) return secret.error();
  return protocol::text(protocol::Invitation{options_.url, *std::move(ca), device, *std::move(secret)});
}

Result<std::string> Desk::enrol(const std::string& request) {
  const auto asked = protocol::readEnrolmentRequest(request);
  if (!asked) return asked.error();
  const auto device = invitations_.deviceOf(asked->secret);
  if (!device) return device.error();
  const auto authority = readAuthority(options_);
  if (!authority) return authority.error();
  auto certificate = tls::signRequest(*authority, asked->certificate_request, subjectOf(*device),
                                      tls::validFor(clock_.now(), options_.days));
  if (!certificate)
    return certificate.error().code == ErrorCode::Invalid ? certificate.error() : unable(certificate.error());
  if (auto used = invitations_.use(asked->secret); !used) return used.error();
  kLog.info("device {} enrolled", *device);
  return protocol::text(
      protocol::Enrolment{authority->certificate, *std::move(certificate), options_.job_servers, options_.controllers});
}

}  // namespace libra::enrolment
