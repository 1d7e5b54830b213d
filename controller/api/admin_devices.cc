#include "controller/api/admin_devices.h"

#include <algorithm>
#include <cctype>

#include "controller/api/admin_call.h"
#include "controller/api/admin_codec.h"

namespace libra::api {

using model::DeviceStatus;

namespace {

Result<std::optional<DeviceStatus>> statusParameter(const Call& call) {
  auto text = call.request.parameter("status");
  if (!text) return std::optional<DeviceStatus>();
  std::transform(text->begin(), text->end(), text->begin(), [](unsigned char c) { return std::toupper(c); });
  for (const auto status : {DeviceStatus::Offline, DeviceStatus::Online, DeviceStatus::Error})
    if (*text == name(status)) return std::optional(status);
  return Error{ErrorCode::Invalid, "Invalid status: " + *text};
}

const std::string& idText(const Call& call) { return call.path["device"]; }

Error missing(const Call& call) { return {ErrorCode::NotFound, "Device " + idText(call) + " not found"}; }

}  // namespace

Answer AdminDeviceRoutes::list(const Call& call) const {
  const auto status = statusParameter(call);
  if (!status) return status.error();
  const auto vip = vipParameter(call);
  if (!vip) return vip.error();
  const auto found = devices_.list({*status, call.request.parameter("name"), call.request.parameter("ip"), *vip});
  if (!found) return found.error();
  return http::Response{200, codec::writeDevices(*found)};
}

Answer AdminDeviceRoutes::find(const Call& call, std::int64_t id) const {
  if (id == 0) return Error{ErrorCode::NotFound, "device id " + idText(call) + "not found"};
  const auto found = devices_.find(id);
  if (!found) return found.error();
  return http::Response{200, codec::writeDevice(*found)};
}

Answer AdminDeviceRoutes::discover(const Call& call, std::int64_t id) const {
  if (id == 0) return missing(call);
  const auto discovered = devices_.discover(id);
  if (!discovered) return discovered.error();
  return http::Response{200, codec::writeDiscovered(idText(call), *discovered)};
}

Answer AdminDeviceRoutes::change(const Call& call, std::int64_t id) const {
  if (id == 0) return missing(call);
  const auto maintenance = codec::readMaintenance(call.request.body);
  if (!maintenance) return maintenance.error();
  if (auto changed = devices_.setMaintenance(id, *maintenance); !changed) return changed.error();
  return http::Response{204};
}

Answer AdminDeviceRoutes::drain(const Call& call, std::int64_t id) const {
  if (id == 0) return missing(call);
  const auto target = devices_.drain(id);
  if (!target) return target.error();
  return http::Response{200, codec::writeRebuilt(idText(call), target->id)};
}

Answer AdminDeviceRoutes::remove(const Call& call, std::int64_t id) const {
  if (id == 0) return missing(call);
  const auto successor = devices_.remove(id);
  if (!successor) return successor.error();
  if (*successor == 0) return http::Response{204};
  return http::Response{200, codec::writeRebuilt(idText(call), *successor)};
}

}  // namespace libra::api
