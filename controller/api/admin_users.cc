#include "controller/api/admin_users.h"

#include "controller/api/admin_codec.h"

namespace libra::api {

namespace {

http::Response nothing() { return {200, "null"}; }

}  // namespace

Answer AdminUserRoutes::list(const Call&) const {
  const auto users = users_.list();
  if (!users) return users.error();
  return http::Response{200, codec::writeUsers(*users)};
}

Answer AdminUserRoutes::find(const Call& call) const {
  const auto user = users_.find(call.path["tenant"]);
  if (!user) return user.error();
  return http::Response{200, codec::writeUser(*user)};
}

Answer AdminUserRoutes::add(const Call& call) const {
  const auto user = codec::readUser(call.request.body);
  if (!user) return user.error();
  if (auto added = users_.add(*user); !added) return added.error();
  return nothing();
}

Answer AdminUserRoutes::change(const Call& call) const {
  const auto level = codec::readLevel(call.request.body);
  if (!level) return level.error();
  if (auto changed = users_.setLevel(call.path["tenant"], *level); !changed) return changed.error();
  return nothing();
}

Answer AdminUserRoutes::remove(const Call& call) const {
  if (auto removed = users_.remove(call.path["tenant"]); !removed) return removed.error();
  return http::Response{204};
}

}  // namespace libra::api
