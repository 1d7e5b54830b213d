#include "controller/api/admin_faults.h"

#include <string>

#include "lib/json/value.h"

namespace libra::api {

namespace {

json::Value bodyOf(int status, std::string_view text) {
  auto body = json::Value::object();
  if (status == 404) body.set("status", "404").set("message", "Object not Found");
  body.set("faultcode", status < 500 ? "Client" : "Server");
  body.set("faultstring", text.empty() ? json::Value::null() : json::Value::of(text));
  return body;
}

http::Response written(const Error& error, const json::Value& body) {
  http::Response response(statusOf(error.code), json::dump(body));
  if (error.code == ErrorCode::Unauthorized) response.headers.add("WWW-Authenticate", "Keystone realm=\"libra\"");
  return response;
}

}  // namespace

http::Response adminFault(const Error& error) { return written(error, bodyOf(statusOf(error.code), error.message)); }

http::Response adminV1Fault(const Error& error) {
  auto body = bodyOf(statusOf(error.code), error.message);
  return written(error, body.set("debuginfo", json::Value::null()));
}

http::Response adminRefusal(int status) { return {status, json::dump(bodyOf(status, http::reasonPhrase(status)))}; }

}  // namespace libra::api
