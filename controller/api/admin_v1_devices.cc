#include <limits>

#include "controller/api/admin_call.h"
#include "controller/api/admin_codec.h"
#include "controller/api/admin_devices.h"

namespace libra::api {

namespace {

// The page of an offset; what lies behind the end is none.
std::vector<service::DeviceView> cut(const std::vector<service::DeviceView>& all, const Page& page) {
  const auto from = std::min(all.size(), static_cast<std::size_t>(page.marker));
  const auto until = std::min(all.size(), from + static_cast<std::size_t>(page.limit));
  return {all.begin() + static_cast<std::ptrdiff_t>(from), all.begin() + static_cast<std::ptrdiff_t>(until)};
}

Error notValid() { return {ErrorCode::Invalid, "Device ID is not valid"}; }

}  // namespace

Answer AdminV1DeviceRoutes::list(const Call& call) const {
  const auto page = pageOf(call, 0, std::numeric_limits<int>::max());
  if (!page) return page.error();
  const auto all = devices_.list({});
  if (!all) return all.error();
  return http::Response{200, codec::writeDevicesV1(cut(*all, *page))};
}

Answer AdminV1DeviceRoutes::find(const Call& call, std::int64_t id) const {
  if (id == 0) return Error{ErrorCode::NotFound, "device id " + call.path["device"] + "not found"};
  const auto found = devices_.find(id);
  if (!found) return found.error();
  return http::Response{200, codec::writeDeviceV1(*found)};
}

Answer AdminV1DeviceRoutes::usage(const Call&) const {
  const auto all = devices_.list({});
  if (!all) return all.error();
  const auto free = std::count_if(all->begin(), all->end(), [](const service::DeviceView& view) {
    return view.device.status == model::DeviceStatus::Offline;
  });
  return http::Response{200, codec::writeDeviceUsage(static_cast<int>(all->size()), static_cast<int>(free))};
}

Answer AdminV1DeviceRoutes::add(const Call& call) const {
  const auto wanted = codec::readNewDevice(call.request.body);
  if (!wanted) return wanted.error();
  const auto added = devices_.add(*wanted);
  if (!added) return added.error();
  return http::Response{200, codec::writeDeviceV1(*added)};
}

Answer AdminV1DeviceRoutes::report(const Call& call, std::int64_t id) const {
  const auto report = codec::readDeviceReport(call.request.body);
  if (!report) return report.error();
  if (id == 0) return notValid();
  if (auto stored = devices_.report(id, report->online, report->description); !stored) return stored.error();
  return http::Response{200};
}

Answer AdminV1DeviceRoutes::reportWithoutId(const Call&) const {
  return Error{ErrorCode::Invalid, "Device ID is required"};
}

Answer AdminV1DeviceRoutes::remove(const Call&, std::int64_t id) const {
  if (id == 0) return notValid();
  if (auto forgotten = devices_.forget(id); !forgotten) return forgotten.error();
  return http::Response{204};
}

}  // namespace libra::api
