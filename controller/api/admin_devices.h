#pragma once

#include "controller/api/call.h"
#include "controller/service/devices_admin.h"

namespace libra::api {

// spec/libra.md 3.3.
class AdminDeviceRoutes {
 public:
  explicit AdminDeviceRoutes(service::DevicesAdmin& devices) : devices_(devices) {}

  Answer list(const Call& call) const;
  Answer find(const Call& call, std::int64_t id) const;
  Answer discover(const Call& call, std::int64_t id) const;
  Answer change(const Call& call, std::int64_t id) const;  // maintenance; the ancestor had none
  Answer drain(const Call& call, std::int64_t id) const;   // nor this
  Answer remove(const Call& call, std::int64_t id) const;

 private:
  service::DevicesAdmin& devices_;
};

// spec/libra.md 3.2.
class AdminV1DeviceRoutes {
 public:
  explicit AdminV1DeviceRoutes(service::DevicesAdmin& devices) : devices_(devices) {}

  Answer list(const Call& call) const;
  Answer find(const Call& call, std::int64_t id) const;
  Answer usage(const Call& call) const;
  Answer add(const Call& call) const;
  Answer report(const Call& call, std::int64_t id) const;
  Answer reportWithoutId(const Call& call) const;
  Answer remove(const Call& call, std::int64_t id) const;

 private:
  service::DevicesAdmin& devices_;
};

}  // namespace libra::api
