#pragma once

#include "controller/api/call.h"
#include "controller/service/vips_admin.h"

namespace libra::api {

// Virtual IPs: which device holds which, and the move of one to a spare.
class AdminVipRoutes {
 public:
  explicit AdminVipRoutes(service::VipsAdmin& vips) : vips_(vips) {}

  Answer list(const Call& call) const;
  Answer find(const Call& call, std::int64_t id) const;
  Answer move(const Call& call, std::int64_t id) const;  // {"device": 57}

 private:
  service::VipsAdmin& vips_;
};

}  // namespace libra::api
