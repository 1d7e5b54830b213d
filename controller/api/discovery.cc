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

Value adminApi(const char* id, const char* status) {
  auto version = Value::object();
  return version.set("id", id).set("updated", "2014-01-13T16:55:25Z").set("status", status);
}

// In the form of a document of its own.
Answer alone(Value version) {
  version.set("media-types", Value::array().push(Value::object().set("base", "application/json")));
  return http::Response{200, json::dump(Value::object().set("version", version))};
}

}  // namespace

Answer versionList(const Call&) {
  auto body = Value::object();
  body.set("versions", Value::array().push(tenantApi()));
  return http::Response{200, json::dump(body)};
}

Answer tenantVersion(const Call&) { return alone(tenantApi()); }

Answer adminVersionList(const Call&) {
  auto versions = Value::array();
  versions.push(adminApi("v1", "DEPRECATED")).push(adminApi("v2.0", "CURRENT"));
  return http::Response{200, json::dump(Value::object().set("versions", versions))};
}

// The second one's own document calls it "v2", as the ancestor's did.
Answer adminVersion1(const Call&) { return alone(adminApi("v1", "DEPRECATED")); }
Answer adminVersion2(const Call&) { return alone(adminApi("v2", "CURRENT")); }

}  // namespace libra::api
