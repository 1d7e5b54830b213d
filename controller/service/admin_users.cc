#include "controller/service/admin_users.h"

#include <algorithm>

namespace libra::service {

using model::AdminLevel;
using model::AdminUser;

namespace {

constexpr std::size_t kLongestTenant = 128;

// Two who remove each other at the same moment are not held up by this: it is for
// mistakes, and those of the settings are back with the next start.
Status keepsAnAdmin(Txn& txn) {
  const auto users = txn.adminUsers().list();
  const bool kept =
      std::any_of(users.begin(), users.end(), [](const auto& user) { return user.level == AdminLevel::Admin; });
  return kept ? ok() : Status(Error{ErrorCode::Invalid, "The last ADMIN cannot be removed"});
}

}  // namespace

Result<std::vector<AdminUser>> AdminUsers::list() {
  return store_.transact([](Txn& txn) -> Result<std::vector<AdminUser>> { return txn.adminUsers().list(); });
}

Result<AdminUser> AdminUsers::find(const std::string& tenant) {
  return store_.transact([&](Txn& txn) -> Result<AdminUser> {
    auto user = txn.adminUsers().find(tenant);
    if (!user) return Error{ErrorCode::NotFound, "Tenant not found"};
    return *std::move(user);
  });
}

Status AdminUsers::add(const AdminUser& user) {
  if (user.tenant.empty() || user.tenant.size() > kLongestTenant)
    return Error{ErrorCode::Invalid, "Tenant ID required"};
  return store_.transact([&](Txn& txn) -> Status {
    if (!txn.adminUsers().insert(user)) return Error{ErrorCode::Invalid, "Tenant already has an account"};
    return ok();
  });
}

Status AdminUsers::setLevel(const std::string& tenant, AdminLevel level) {
  return store_.transact([&](Txn& txn) -> Status {
    if (!txn.adminUsers().setLevel(tenant, level)) return Error{ErrorCode::NotFound, "Tenant does not have an account"};
    return keepsAnAdmin(txn);
  });
}

Status AdminUsers::remove(const std::string& tenant) {
  return store_.transact([&](Txn& txn) -> Status {
    if (!txn.adminUsers().remove(tenant)) return Error{ErrorCode::NotFound, "Tenant not found"};
    return keepsAnAdmin(txn);
  });
}

Status AdminUsers::check(const std::string& tenant, AdminLevel needed) {
  return store_.transact([&](Txn& txn) -> Status {
    const auto user = txn.adminUsers().find(tenant);
    if (user && (user->level == AdminLevel::Admin || needed == AdminLevel::User)) return ok();
    return Error{ErrorCode::Unauthorized, "Client not authorized to access this function"};
  });
}

Status AdminUsers::ensure(const std::vector<std::string>& admins) {
  return store_.transact([&](Txn& txn) -> Status {
    for (const auto& tenant : admins)
      if (!txn.adminUsers().insert({tenant, AdminLevel::Admin})) txn.adminUsers().setLevel(tenant, AdminLevel::Admin);
    return ok();
  });
}

}  // namespace libra::service
