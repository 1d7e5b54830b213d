#include "controller/api/nodes.h"

#include "controller/api/codec.h"

namespace libra::api {

Answer NodeRoutes::list(const Call& call, std::int64_t lb) const {
  auto found = nodes_.list(call.caller.tenant, lb);
  if (!found) return found.error();
  return http::Response{200, codec::writeNodes(*found)};
}

Answer NodeRoutes::add(const Call& call, std::int64_t lb) const {
  auto wanted = codec::readNodes(call.request.body);
  if (!wanted) return wanted.error();
  auto added = nodes_.add(call.caller.tenant, lb, *wanted);
  if (!added) return added.error();
  return http::Response{202, codec::writeNodes(*added)};
}

Answer NodeRoutes::find(const Call& call, std::int64_t lb, std::int64_t node) const {
  auto found = nodes_.find(call.caller.tenant, lb, node);
  if (!found) return found.error();
  return http::Response{200, codec::writeNode(*found)};
}

Answer NodeRoutes::change(const Call& call, std::int64_t lb, std::int64_t node) const {
  auto wanted = codec::readNodeChange(call.request.body);
  if (!wanted) return wanted.error();
  auto changed = nodes_.change(call.caller.tenant, lb, node, *wanted);
  if (!changed) return changed.error();
  return http::Response{202};
}

Answer NodeRoutes::remove(const Call& call, std::int64_t lb, std::int64_t node) const {
  auto removed = nodes_.remove(call.caller.tenant, lb, node);
  if (!removed) return removed.error();
  return http::Response{202};
}

}  // namespace libra::api
