#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "controller/api/identity.h"
#include "lib/base/result.h"
#include "lib/http/message.h"
#include "lib/http/router.h"

namespace libra::api {

// One request on its way to its handler: whose it is and what its path named.
struct Call {
  const http::Request& request;
  const Caller& caller;
  const http::PathValues& path;
};

using Answer = Result<http::Response>;
using Handler = std::function<Answer(const Call&)>;  // on a worker thread; may block

// Who may call: anybody, any valid token, or a token that names a tenant.
enum class Access { Open, Token, Tenant };

struct Route {
  Handler handler;
  Access access = Access::Tenant;
  std::optional<std::vector<std::string>> parameters = {};  // the only query parameters; unset: any, unread
};

// An id in a path, or 0 (no row has it) for a text that is no positive decimal.
std::int64_t idOf(std::string_view text);

}  // namespace libra::api
