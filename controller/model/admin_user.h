#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace libra::model {

// What a tenant may do in the admin API: look, or change too.
enum class AdminLevel { User, Admin };

struct AdminUser {
  std::string tenant;
  AdminLevel level = AdminLevel::User;
};

inline std::string_view name(AdminLevel level) { return level == AdminLevel::Admin ? "ADMIN" : "USER"; }

inline std::optional<AdminLevel> parseAdminLevel(std::string_view text) {
  for (const auto level : {AdminLevel::User, AdminLevel::Admin})
    if (text == name(level)) return level;
  return std::nullopt;
}

}  // namespace libra::model
