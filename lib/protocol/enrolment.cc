#include "lib/protocol/enrolment.h"

#include <algorithm>
#include <cctype>

#include "lib/json/value.h"

namespace libra::protocol {

namespace {

constexpr std::size_t kLongestName = 64;  // of a certificate's common name
constexpr std::size_t kSecretDigits = 64;

bool isSecret(const std::string& text) {
  return text.size() == kSecretDigits && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isdigit(c) != 0 || (c >= 'a' && c <= 'f');
         });
}

json::Value listOf(const std::vector<std::string>& texts) {
  auto list = json::Value::array();
  for (const auto& text : texts) list.push(json::Value::of(text));
  return list;
}

std::vector<std::string> textsOf(const json::Value& list) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < list.size(); ++i) texts.push_back(list[i].text());
  return texts;
}

Error incomplete(const char* what) { return Error{ErrorCode::Invalid, std::string("this is no ") + what}; }

}  // namespace

bool isDeviceName(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && name.front() != '.' &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_'; });
}

std::string text(const Invitation& invitation) {
  auto body = json::Value::object();
  body.set("device", invitation.device)
      .set("controller", invitation.controller)
      .set("secret", invitation.secret)
      .set("ca", invitation.ca);
  return json::pretty(body) + "\n";
}

std::string text(const Enrolment& enrolment) {
  auto body = json::Value::object();
  body.set("ca", enrolment.ca)
      .set("certificate", enrolment.certificate)
      .set("jobServers", listOf(enrolment.job_servers))
      .set("controllers", listOf(enrolment.controllers));
  return json::dump(body);
}

std::string text(const EnrolmentRequest& request) {
  auto body = json::Value::object();
  body.set("secret", request.secret).set("certificateRequest", request.certificate_request);
  return json::dump(body);
}

Result<Invitation> readInvitation(std::string_view text) {
  const auto body = json::parse(text);
  if (!body) return body.error();
  Invitation invitation{(*body)["controller"].text(), (*body)["ca"].text(), (*body)["device"].text(),
                        (*body)["secret"].text()};
  const bool whole = invitation.controller.starts_with("https://") && !invitation.ca.empty() &&
                     isDeviceName(invitation.device) && isSecret(invitation.secret);
  return whole ? Result<Invitation>(std::move(invitation)) : incomplete("invitation");
}

Result<Enrolment> readEnrolment(std::string_view text) {
  const auto body = json::parse(text);
  if (!body) return body.error();
  Enrolment enrolment{(*body)["ca"].text(), (*body)["certificate"].text(), textsOf((*body)["jobServers"]),
                      textsOf((*body)["controllers"])};
  const bool whole = !enrolment.ca.empty() && !enrolment.certificate.empty() && !enrolment.job_servers.empty();
  return whole ? Result<Enrolment>(std::move(enrolment)) : incomplete("answer to an invitation");
}

Result<EnrolmentRequest> readEnrolmentRequest(std::string_view text) {
  const auto body = json::parse(text);
  if (!body) return body.error();
  EnrolmentRequest request{(*body)["secret"].text(), (*body)["certificateRequest"].text()};
  const bool whole = isSecret(request.secret) && !request.certificate_request.empty();
  return whole ? Result<EnrolmentRequest>(std::move(request)) : incomplete("request for a certificate");
}

}  // namespace libra::protocol
