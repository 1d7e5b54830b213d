#include "controller/api/faults.h"

#include <string>

#include "lib/json/value.h"

namespace libra::api {

namespace {

// The one Internal error that a tenant is told in words (spec 1.3 item 6).
constexpr std::string_view kNoDevices = "No devices available";

struct Kind {
  int status;
  const char* message;
  const char* prefix;  // of the details: the ancestor's exception classes
};

Kind kindOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::Invalid:
      return {400, "Bad Request", ""};
    case ErrorCode::Unauthorized:
      return {401, "Bad Request", "NotAuthorized: "};
    case ErrorCode::Forbidden:
      return {403, "Bad Request", "Forbidden: "};
    case ErrorCode::NotFound:
      return {404, "Object not Found", "NotFound: "};
    case ErrorCode::NotAllowed:
      return {405, "Bad Request", ""};
    case ErrorCode::Conflict:
      return {409, "Bad Request", ""};
    case ErrorCode::OverLimit:
      return {413, "Bad Request", "OverLimit: "};
    case ErrorCode::TooLarge:
      return {413, "Bad Request", ""};
    case ErrorCode::Immutable:
      return {422, "Bad Request", "ImmutableEntity: "};
    case ErrorCode::Unavailable:
      return {503, "Load Balancer Fault", ""};
    case ErrorCode::Internal:
      break;
  }
  return {500, "Load Balancer Fault", ""};
}

bool isNoDevices(const Error& error) { return error.code == ErrorCode::Internal && error.message == kNoDevices; }

json::Value detailsOf(const Error& error, const Kind& kind) {
  const bool hidden = error.code == ErrorCode::Internal && !isNoDevices(error);
  if (hidden || error.message.empty()) return json::Value::null();
  return json::Value::of(kind.prefix + error.message);
}

http::Response written(int status, std::string_view message, const json::Value& details) {
  auto body = json::Value::object();
  if (status == 404) body.set("status", "404");
  body.set("message", json::Value::of(message)).set("details", details).set("code", status);
  return {status, json::dump(body)};
}

// The ancestor's client crashes on a status it has no class for (spec 1.3 item 9).
bool isKnownToOldClients(int status) {
  return (status >= 400 && status <= 417) || status == 422 || (status >= 500 && status <= 505);
}

}  // namespace

int statusOf(ErrorCode code) { return kindOf(code).status; }

http::Response tenantFault(const Error& error) {
  const Kind kind = kindOf(error.code);
  auto response = written(kind.status, isNoDevices(error) ? "Server error" : kind.message, detailsOf(error, kind));
  if (error.code == ErrorCode::Unauthorized) response.headers.add("WWW-Authenticate", "Keystone realm=\"libra\"");
  return response;
}

http::Response tenantRefusal(int status) {
  const int told = isKnownToOldClients(status) ? status : 400;
  return written(told, told < 500 ? "Bad Request" : "Load Balancer Fault", json::Value::of(http::reasonPhrase(status)));
}

http::Response withAllow(http::Response response, std::string_view methods) {
  response.headers.set("Allow", std::string(methods));
  return response;
}

}  // namespace libra::api
