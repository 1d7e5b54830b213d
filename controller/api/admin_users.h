#pragma once

#include "controller/api/call.h"
#include "controller/service/admin_users.h"

namespace libra::api {

// spec/libra.md 3.6.
class AdminUserRoutes {
 public:
  explicit AdminUserRoutes(service::AdminUsers& users) : users_(users) {}

  Answer list(const Call& call) const;
  Answer find(const Call& call) const;
  Answer add(const Call& call) const;
  Answer change(const Call& call) const;
  Answer remove(const Call& call) const;

 private:
  service::AdminUsers& users_;
};

}  // namespace libra::api
