#pragma once

#include <string>
#include <vector>

#include "controller/service/store.h"

namespace libra::service {

// Which tenants may use the admin API, and how (spec/libra.md 3.6). Error messages are the
// spec's fault strings. Thread-safe.
class AdminUsers {
 public:
  explicit AdminUsers(Store& store) : store_(store) {}

  Result<std::vector<model::AdminUser>> list();
  Result<model::AdminUser> find(const std::string& tenant);
  Status add(const model::AdminUser& user);
  // Both refuse to leave nobody who could undo it.
  Status setLevel(const std::string& tenant, model::AdminLevel level);
  Status remove(const std::string& tenant);

  // Unauthorized unless the tenant has this level or a higher one.
  Status check(const std::string& tenant, model::AdminLevel needed);

  Status ensure(const std::vector<std::string>& admins);  // those of the settings are ADMIN

 private:
  Store& store_;
};

}  // namespace libra::service
