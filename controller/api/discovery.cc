#include "controller/api/discovery.h"

#include "lib/json/value.h"

namespace libra::api {

namespace {

using json::Value;

Value tenantApi() {
  auto link = Value::object();
  link.set("rel", "self").set("href", "http://wiki.openstack.org/Atlas-LB");
  auto version = Value::object();
  version.set("id", "v1.1")
      .set("status", "CURRENT")
      .set("updated", "2012-12-18T18:30:02.25Z")
      .set("links", Value::array().push(link));
  return version;
}

}  // namespace

Answer versionList(const Call&) {
  auto body = Value::object();
  body.set("versions", Value::array().push(tenantApi()));
  return http::Response{200, json::dump(body)};
}

Answer tenantVersion(const Call&) {
  auto version = tenantApi();
  version.set("media-types", Value::array().push(Value::object().set("base", "application/json")));
  auto body = Value::object();
  body.set("version", version);
  return http::Response{200, json::dump(body)};
}

}  // namespace libra::api
