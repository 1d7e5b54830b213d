#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace libra::api {

// What the caller may do beyond its own tenant's objects (admin API): nothing, look, change.
enum class Role { Tenant, User, Admin };

struct Caller {
  std::string tenant;  // "" when the token is valid but bound to none
  Role role = Role::Tenant;
};

// Who is behind a token. Thread-safe; called on worker threads and may block.
class Identity {
 public:
  virtual ~Identity() = default;
  // Unauthorized: no such token. Unavailable: it could not be asked now.
  virtual Result<Caller> identify(const std::string& token) = 0;
};

}  // namespace libra::api
