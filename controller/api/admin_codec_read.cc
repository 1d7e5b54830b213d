#include "controller/api/admin_codec.h"
#include "controller/api/reader.h"

namespace libra::api::codec {

namespace {

using model::AdminLevel;

Error noJson() { return {ErrorCode::Invalid, "Invalid JSON received"}; }
Error badLevel() { return {ErrorCode::Invalid, "Only USER or ADMIN levels allowed"}; }

Result<json::Value> object(std::string_view body) {
  auto parsed = parseObject(body);
  return parsed ? std::move(parsed) : Result<json::Value>(noJson());
}

// What is there must be one of the two words.
Result<AdminLevel> levelOf(const json::Value& value) {
  const auto level = model::parseAdminLevel(value.text());
  if (!level) return badLevel();
  return *level;
}

std::optional<std::int64_t> numberOf(const json::Value& value) {
  return value.isInteger() ? std::optional(value.integer()) : std::nullopt;
}

Result<bool> readFlag(std::string_view body, const char* member) {
  const auto parsed = object(body);
  if (!parsed) return parsed.error();
  const auto wanted = (*parsed)[member];
  if (!wanted.isBool()) return Error{ErrorCode::Invalid, std::string(member) + " must be true or false"};
  return wanted.boolean();
}

}  // namespace

Result<model::NewDevice> readNewDevice(std::string_view body) {
  return readBody(body, [](const Reader& reader) {
    model::NewDevice device;
    device.name = reader.required("name", reader.text("name"));
    device.address = reader.required("publicIpAddr", reader.text("publicIpAddr"));
    reader.required("floatingIpAddr", reader.text("floatingIpAddr"));  // historical: the same address
    device.zone = std::to_string(reader.required("az", reader.integer("az")));
    device.driver = reader.required("type", reader.text("type"));
    device.provider_id = device.name;
    return device;
  });
}

Result<DeviceReport> readDeviceReport(std::string_view body) {
  return readBody(body, [](const Reader& reader) {
    const auto online = reader.oneOf<bool>("status", {{"ONLINE", true}, {"ERROR", false}});
    const bool status = reader.required("status", online);
    return DeviceReport{status, reader.required("statusDescription", reader.text("statusDescription"))};
  });
}

Result<bool> readMaintenance(std::string_view body) { return readFlag(body, "maintenance"); }

Result<std::int64_t> readTarget(std::string_view body) {
  const auto parsed = object(body);
  if (!parsed) return parsed.error();
  const auto device = numberOf((*parsed)["device"]);
  if (!device || *device <= 0) return Error{ErrorCode::Invalid, "device must be the id of a spare"};
  return *device;
}

Result<bool> readBreaker(std::string_view body) { return readFlag(body, "open"); }

Result<service::LimitsAdmin::Wanted> readLimits(std::string_view body) {
  const auto parsed = object(body);
  if (!parsed) return parsed.error();
  service::LimitsAdmin::Wanted limits;
  parsed->eachMember([&](std::string_view name, const json::Value& value) {
    limits.emplace_back(std::string(name), numberOf(value));
  });
  return limits;
}

Result<std::optional<std::int64_t>> readTenantLimit(std::string_view body) {
  const auto parsed = object(body);
  if (!parsed) return parsed.error();
  const auto value = (*parsed)["maxLoadBalancers"];
  if (!value) return Error{ErrorCode::Invalid, "No user settable limit in json"};
  if (value.isNull()) return std::optional<std::int64_t>();
  const auto number = numberOf(value);
  if (!number) return Error{ErrorCode::Invalid, "Invalid value for limit: maxLoadBalancers"};
  return number;
}

Result<model::AdminUser> readUser(std::string_view body) {
  const auto parsed = object(body);
  if (!parsed) return parsed.error();
  const auto tenant = (*parsed)["tenant"], given = (*parsed)["level"];
  if (!tenant.isString()) return Error{ErrorCode::Invalid, "Tenant ID required"};
  const auto level = !given || given.isNull() ? AdminLevel::User : levelOf(given);
  if (!level) return level.error();
  return model::AdminUser{tenant.text(), *level};
}

Result<AdminLevel> readLevel(std::string_view body) {
  const auto parsed = object(body);
  if (!parsed) return parsed.error();
  const auto given = (*parsed)["level"];
  const bool unset = given.isNull() || (given.isString() && given.text().empty());
  return unset ? AdminLevel::User : levelOf(given);
}

}  // namespace libra::api::codec
