#include "controller/store/mysql/admin_user_table.h"

namespace libra::store::mysql {

using model::AdminUser;

namespace {

AdminUser fromRow(Row& row) {
  AdminUser user;
  row.read(user.tenant, user.level);
  return user;
}

}  // namespace

std::vector<AdminUser> AdminUserTable::list() {
  return db_.all("SELECT tenant, level FROM admin_users ORDER BY id", fromRow);
}

std::optional<AdminUser> AdminUserTable::find(std::string_view tenant) {
  return db_.one("SELECT tenant, level FROM admin_users WHERE tenant = ?", fromRow, tenant);
}

bool AdminUserTable::insert(const AdminUser& user) {
  return db_.change("INSERT IGNORE INTO admin_users (tenant, level) VALUES (?, ?)", user.tenant, user.level).rows == 1;
}

bool AdminUserTable::setLevel(std::string_view tenant, model::AdminLevel level) {
  return db_.change("UPDATE admin_users SET level = ? WHERE tenant = ?", level, tenant).rows == 1;
}

bool AdminUserTable::remove(std::string_view tenant) {
  return db_.change("DELETE FROM admin_users WHERE tenant = ?", tenant).rows == 1;
}

}  // namespace libra::store::mysql
